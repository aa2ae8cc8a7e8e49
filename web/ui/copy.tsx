import { useState } from 'preact/hooks';
import { useApp } from '../app.tsx';
import { Button } from './button.tsx';

/** Copies a text, and says so. Where the browser does not allow it, the text is there to be marked. */
export function Copy({ text }: { readonly text: string }) {
  const { t } = useApp();
  const [isCopied, setCopied] = useState(false);
  const copy = (): Promise<void> =>
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <>
      <Button look="plain" onPress={() => void copy()}>
        {t.copy}
      </Button>
      <div role="status" class="hint copied">
        {isCopied && t.copied}
      </div>
    </>
  );
}

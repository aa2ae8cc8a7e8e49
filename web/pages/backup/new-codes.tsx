import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { redirect } from '../../router.tsx';
import { Button } from '../../ui/button.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Page } from '../../ui/page.tsx';

/** Codes that were just made: in memory alone, and shown once. */
export function NewCodes() {
  const { t, memory, methods } = useApp();
  const [codes] = useState(memory.codes);
  useEffect(() => {
    memory.codes = undefined;
    if (codes === undefined) redirect('/settings');
  }, []);
  if (codes === undefined) return null;
  const text = codes.join('\n');
  const file = `${methods.branding?.name ?? 'Stepgate'}: ${t.backupCodes}\n\n${text}\n`;
  return (
    <Page title={t.yourCodes} lead={t.yourCodesText}>
      <ol class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <Copy text={text} />
      <a
        class="button plain"
        download="backup-codes.txt"
        href={`data:text/plain;charset=utf-8,${encodeURIComponent(file)}`}
      >
        {t.download}
      </a>
      <Button onPress={() => redirect('/settings')}>{t.saved}</Button>
    </Page>
  );
}

import { useState } from 'preact/hooks';
import { disown } from '../../account.ts';
import { useApp } from '../../app.tsx';
import { linkSecret } from '../../flow/secret.ts';
import { href } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';

/** For the reader of a notice: "this was not me". Opening it does nothing yet, for mail scanners open links too. */
export function NotMe() {
  const { t } = useApp();
  const { run, busy, error } = useAction();
  const { token } = linkSecret;
  const [state, setState] = useState<'open' | 'done' | 'gone'>(token === undefined ? 'gone' : 'open');
  const confirm = (): void =>
    run(async () => {
      const tenantId = new URLSearchParams(location.search).get('tenantId');
      const { status } = await disown(tenantId, token!);
      setState(status === 'OK' ? 'done' : 'gone');
    });
  return (
    <Page title={t.notMe} lead={state === 'open' && t.disownText}>
      <Notice tone="bad">{state === 'gone' ? t.linkEnded : error}</Notice>
      <Notice tone="good">{state === 'done' && t.disowned}</Notice>
      {state === 'open' ? (
        <Button busy={busy} onPress={confirm}>
          {t.disown}
        </Button>
      ) : (
        <a class="button main" href={href(state === 'done' ? '/reset-password' : '/')}>
          {state === 'done' ? t.choosePassword : t.signIn}
        </a>
      )}
    </Page>
  );
}

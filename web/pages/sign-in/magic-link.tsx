import { useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { goOn } from '../../flow/go-on.ts';
import { linkSecret } from '../../flow/secret.ts';
import { inOurWords } from '../../i18n/service-texts.ts';
import { href } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { Passwordless } from '../../sdk.ts';

/** Where a link signs in: not by being opened, which mail scanners do as well, but by a button. */
export function MagicLink() {
  const app = useApp();
  const { t } = app;
  const { run, busy, error } = useAction();
  const [isGone, setGone] = useState(linkSecret.linkCode === undefined);
  const enter = (): void =>
    run(async () => {
      const reply = await Passwordless.consumeCode();
      if (reply.status === 'OK') return goOn(app);
      if ('reason' in reply) return inOurWords(reply.reason, t);
      setGone(true);
    });
  return (
    <Page title={t.signIn} lead={!isGone && t.magicText}>
      <Notice tone="bad">{isGone ? t.linkEnded : error}</Notice>
      {isGone ? (
        <a class="button main" href={href('/')}>
          {t.signIn}
        </a>
      ) : (
        <Button busy={busy} onPress={enter}>
          {t.signIn}
        </Button>
      )}
    </Page>
  );
}

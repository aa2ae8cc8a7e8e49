import { useEffect } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { proceed } from '../../flow/proceed.ts';
import { restoreWay } from '../../flow/way-back.ts';
import { inOurWords } from '../../i18n/service-texts.ts';
import { href } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { ThirdParty } from '../../recipes/third-party.ts';

/** Where a provider sends people back to. */
export function Callback() {
  const app = useApp();
  const { t } = app;
  const { run, error } = useAction();
  useEffect(() => {
    run(async () => {
      const isDenied = new URLSearchParams(location.search).has('error');
      const reply = await (isDenied ? undefined : ThirdParty.signInAndUp().finally(restoreWay));
      if (reply === undefined) {
        restoreWay();
        return t.providerDenied;
      }
      if (reply.status === 'OK') return proceed(app);
      return 'reason' in reply ? inOurWords(reply.reason, t) : t.noEmailGiven;
    });
  }, []);
  if (error === '') return <Page title={t.signingIn} lead={t.signingInText} />;
  return (
    <Page title={t.notSignedIn}>
      <Notice tone="bad">{error}</Notice>
      <a class="button main" href={href('/')}>
        {t.signIn}
      </a>
    </Page>
  );
}

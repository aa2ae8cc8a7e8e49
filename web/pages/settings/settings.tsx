import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { proceed } from '../../flow/proceed.ts';
import { switchFactor } from '../../flow/switch-factor.ts';
import { go, redirect } from '../../router.tsx';
import { type Factor, readFactors, statusOf } from '../../service.ts';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { SignOut } from '../../ui/sign-out.tsx';
import { BackupSection } from './backup-section.tsx';
import { FactorRow } from './factor-row.tsx';
import { OwnDevices } from './own-devices.tsx';
import { OwnApps } from './own-apps.tsx';
import { OwnSessions } from './own-sessions.tsx';
import { Session } from '../../sdk.ts';

export function Settings() {
  const app = useApp();
  const { t, methods, memory } = app;
  const { run, busy, error } = useAction();
  const [factors, setFactors] = useState<readonly Factor[]>();
  const [notice, setNotice] = useState(memory.notice);
  const load = async (): Promise<void> => {
    memory.steps.length = 0;
    memory.change = undefined;
    memory.notice = undefined;
    if (!(await Session.doesSessionExist())) return redirect('/');
    await readFactors().then(setFactors, (refusal: unknown) => {
      if (statusOf(refusal) !== 403) throw refusal;
      return proceed(app);
    });
  };
  useEffect(() => run(load), []);
  const change = (factor: Factor, required: boolean): void => {
    setNotice(undefined);
    run(() => switchFactor(factor, required, app));
  };
  const offers = (id: string): boolean =>
    factors?.some(({ factorId, available }) => factorId === id && available) === true;
  const hasPhone = factors?.some(({ factorId, setUp }) => factorId === 'otp-phone' && setUp) === true;
  const codesLeft = factors?.find(({ factorId }) => factorId === 'backup-code')?.codesLeft ?? 0;
  return (
    <Page title={t.settings} lead={t.settingsText} isWide>
      <Notice tone="good">{notice?.tone === 'good' && notice.text}</Notice>
      <Notice tone="bad">{error || (notice?.tone === 'bad' && notice.text)}</Notice>
      {factors !== undefined && (
        <>
          <section aria-labelledby="factors-title">
            <h2 id="factors-title">{t.factors}</h2>
            <ul class="rows">
              {factors
                .filter(({ factorId, available, required }) => factorId !== 'backup-code' && (available || required))
                .map((factor) => (
                  <FactorRow
                    key={factor.factorId}
                    factor={factor}
                    busy={busy}
                    onChange={(required) => change(factor, required)}
                  />
                ))}
            </ul>
          </section>
          {offers('totp') && <OwnApps />}
          {offers('backup-code') && <BackupSection codesLeft={codesLeft} />}
          {methods.firstFactors.includes('emailpassword') && (
            <section aria-labelledby="sign-in-title">
              <h2 id="sign-in-title">{t.signingInWith}</h2>
              <Button look="plain" onPress={() => go('/password')}>
                {t.changePassword}
              </Button>
              <Button look="plain" onPress={() => go('/contact', { kind: 'email' })}>
                {t.changeMail}
              </Button>
              {hasPhone && (
                <Button look="plain" onPress={() => go('/contact', { kind: 'phone' })}>
                  {t.changePhone}
                </Button>
              )}
            </section>
          )}
          {methods.rememberDeviceDays !== undefined && <OwnDevices />}
          <OwnSessions />
        </>
      )}
      <div class="foot">
        {methods.returnTo !== undefined && (
          <a class="button plain" href={methods.returnTo}>
            {t.goOn}
          </a>
        )}
        <SignOut />
      </div>
    </Page>
  );
}

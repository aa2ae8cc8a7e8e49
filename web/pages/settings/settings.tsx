import { useEffect, useState } from 'preact/hooks';
import Session from 'supertokens-web-js/recipe/session';
import { useApp } from '../../app.tsx';
import { proceed } from '../../flow/proceed.ts';
import { switchFactor } from '../../flow/switch-factor.ts';
import { redirect } from '../../router.tsx';
import { type Factor, readFactors, statusOf } from '../../service.ts';
import { useAction } from '../../ui/action.ts';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { SignOut } from '../../ui/sign-out.tsx';
import { FactorRow } from './factor-row.tsx';
import { OwnSessions } from './own-sessions.tsx';

export function Settings() {
  const app = useApp();
  const { t, methods, memory } = app;
  const { run, busy, error } = useAction();
  const [factors, setFactors] = useState<readonly Factor[]>();
  const [notice, setNotice] = useState(memory.notice);
  const load = async (): Promise<void> => {
    memory.steps.length = 0;
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
                .filter(({ available, required }) => available || required)
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

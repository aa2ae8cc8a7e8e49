import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app.tsx';
import { masked } from '../flow/masked.ts';
import { choices, contactOf, type MfaInfo, proceed, readMfaInfo, startFactor } from '../flow/proceed.ts';
import { factorName } from '../i18n/factor-name.ts';
import { useAction } from '../ui/action.ts';
import { FactorIcon } from '../ui/factor-icon.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { SignOut } from '../ui/sign-out.tsx';
import { StepUp } from '../ui/step-up.tsx';

export function ChooseFactor() {
  const app = useApp();
  const { t } = app;
  const { run, busy, error } = useAction();
  const [info, setInfo] = useState<MfaInfo>();
  useEffect(() => {
    run(async () => {
      const found = await readMfaInfo();
      if (found.factors.next.length === 0 && app.memory.steps.length === 0) return proceed(app);
      setInfo(found);
    });
  }, []);
  const reach = (factorId: string): string => {
    const contact = info && contactOf(factorId, info);
    if (contact !== undefined) return t.to(masked(factorId, contact));
    if (factorId === 'totp') return info?.factors.alreadySetup.includes('totp') === true ? t.byApp : t.toNewApp;
    if (factorId === 'backup-code') return t.byPaper;
    return factorId === 'otp-email' ? t.toNewAddress : t.toNewNumber;
  };
  return (
    <Page title={t.choose} lead={t.chooseText}>
      <ul class="choices">
        {(info === undefined ? [] : choices(info)).map((id) => (
          <li key={id}>
            <button
              type="button"
              class="choice"
              aria-busy={busy}
              onClick={() => !busy && run(() => startFactor(id, info!, app))}
            >
              <FactorIcon factorId={id} />
              <span>
                <strong>{factorName(id, t)}</strong> <span class="hint">{reach(id)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <Notice tone="bad">{error}</Notice>
      <StepUp />
      <SignOut />
    </Page>
  );
}

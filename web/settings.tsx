import { useEffect, useState } from 'preact/hooks';
import Session from 'supertokens-web-js/recipe/session';
import { go, startFactor } from './flow.ts';
import { Page, useAction } from './form.tsx';
import { t } from './messages.ts';
import { factorName, readJson, SignOut } from './parts.tsx';
import { OwnSessions } from './sessions.tsx';

interface Factor {
  readonly factorId: string;
  readonly available: boolean;
  readonly required: boolean;
  readonly canDisable: boolean;
  readonly contact?: string;
}

export function Settings() {
  const { run, busy, alert } = useAction(t.failed);
  const [factors, setFactors] = useState<readonly Factor[]>([]);
  const load = async (): Promise<void> => {
    if (!(await Session.doesSessionExist())) return go('/');
    const reply = await fetch('/auth/mfa/factors');
    if (!reply.ok) throw new Error('factors');
    setFactors((await readJson<{ readonly factors: readonly Factor[] }>(reply)).factors);
  };
  useEffect(() => run(load), []);
  const change = ({ factorId, required }: Factor): void =>
    run(async () => {
      const reply = await fetch(`/auth/mfa/factors/${factorId}`, { method: required ? 'DELETE' : 'PUT' });
      if (reply.status === 403) return startFactor(factorId);
      return reply.ok ? load() : t.failed;
    });
  return (
    <Page title={t.settings}>
      <h2>{t.factors}</h2>
      <ul>
        {factors
          .filter(({ available }) => available)
          .map((factor) => (
            <li key={factor.factorId}>
              {factorName(factor.factorId)} {factor.contact}
              {factor.required && !factor.canDisable ? (
                <p>{t.required}</p>
              ) : (
                <button disabled={busy} onClick={() => change(factor)}>
                  {factor.required ? t.off : t.on}
                </button>
              )}
            </li>
          ))}
      </ul>
      {alert}
      <OwnSessions />
      <SignOut />
    </Page>
  );
}

import { useEffect, useState } from 'preact/hooks';
import { nextFactors, startFactor } from './flow.ts';
import { Page, useAction } from './form.tsx';
import { t } from './messages.ts';
import { factorName, SignOut } from './parts.tsx';

export function Factors() {
  const { run, busy, alert } = useAction(t.failed);
  const [next, setNext] = useState<readonly string[]>([]);
  useEffect(() => run(async () => setNext(await nextFactors())), []);
  return (
    <Page title={t.choose}>
      {next.map((id) => (
        <button key={id} disabled={busy} onClick={() => run(() => startFactor(id))}>
          {factorName(id)}
        </button>
      ))}
      {alert}
      <SignOut />
    </Page>
  );
}

export function Enrol() {
  const { run, busy, alert } = useAction(t.failed);
  const factor = new URLSearchParams(location.search).get('factor') ?? 'otp-phone';
  const isMail = factor === 'otp-email';
  const [contact, setContact] = useState('');
  return (
    <Page title={t.enrol}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(() => startFactor(factor, contact));
        }}
      >
        <label>
          {isMail ? t.email : t.phone}
          {isMail ? (
            <input type="email" autocomplete="email" required onInput={(e) => setContact(e.currentTarget.value)} />
          ) : (
            <input type="tel" autocomplete="tel" required onInput={(e) => setContact(e.currentTarget.value)} />
          )}
        </label>
        {alert}
        <button disabled={busy}>{t.verify}</button>
      </form>
      <SignOut />
    </Page>
  );
}

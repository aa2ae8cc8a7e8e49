import { useEffect, useState } from 'preact/hooks';
import { type App, useApp } from '../../app.tsx';
import { goOn } from '../../flow/go-on.ts';
import { wrongGuess } from '../../flow/guess.ts';
import { doFresh } from '../../flow/stale.ts';
import { go, redirect } from '../../router.tsx';
import { readFactors } from '../../service.ts';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { CodeForm } from '../../ui/code-form.tsx';
import { Copy } from '../../ui/copy.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { SignOut } from '../../ui/sign-out.tsx';
import { StepUp } from '../../ui/step-up.tsx';
import { APP_DIGITS } from './app-code.tsx';
import { Totp } from '../../recipes/totp.ts';
import { MultiFactorAuth, Session } from '../../sdk.ts';

interface Begun {
  readonly deviceName: string;
  readonly secret: string;
  readonly qrCodeString: string;
  readonly qrCodeSvg: string;
}

/** Begins an enrolment under a name that is free. One that was begun before and not finished is begun anew. */
async function begin(app: App): Promise<Begun> {
  const { t } = app;
  const { devices } = await Totp.listDevices();
  const taken = new Set(devices.filter(({ verified }) => verified).map(({ name }) => name));
  let number = 1;
  while (taken.has(t.appName(number))) number += 1;
  const made = await Totp.createDevice({ deviceName: t.appName(number) });
  // Verified in another tab since the list was read.
  if (made.status !== 'OK') return begin(app);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own key beside the SDK's
  return made as typeof made & Begun;
}

const isAskedFor = async (): Promise<boolean> =>
  (await readFactors()).some(({ factorId, required }) => factorId === 'totp' && required);

/** An authenticator app: as a picture for its camera, as a key to type, and the code that proves it has taken it. */
export function NewApp() {
  const app = useApp();
  const { t, memory } = app;
  const arrival = useAction();
  const { run, busy, error } = useAction();
  const [begun, setBegun] = useState<Begun>();
  const [isOwed, setOwed] = useState<boolean>();
  useEffect(() => {
    arrival.run(async () => {
      if (!(await Session.doesSessionExist())) return redirect('/');
      setOwed((await Session.getClaimValue({ claim: MultiFactorAuth.MultiFactorAuthClaim }))?.v !== true);
      await doFresh(async () => (location.pathname === '/app' ? setBegun(await begin(app)) : go('/app')), app);
    });
  }, []);
  const verify = (totp: string): void =>
    run(async () => {
      const reply = await Totp.verifyDevice({ deviceName: begun!.deviceName, totp });
      if (reply.status === 'UNKNOWN_DEVICE_ERROR') return setBegun(await begin(app));
      if (reply.status !== 'OK') return wrongGuess(reply, t);
      const isOff = isOwed === false && memory.steps.length === 0 && !(await isAskedFor());
      memory.notice = { tone: 'good', text: isOff ? `${t.appAdded} ${t.appOff}` : t.appAdded };
      await goOn(app);
    });
  return (
    <Page title={t.setUpApp} lead={t.setUpAppText}>
      <Notice tone="bad">{arrival.error}</Notice>
      {begun !== undefined && (
        <>
          <img class="qr" src={`data:image/svg+xml,${encodeURIComponent(begun.qrCodeSvg)}`} alt={t.qrCode} />
          <a class="button link" href={begun.qrCodeString}>
            {t.openInApp}
          </a>
          <div class="key">
            <p class="hint" id="key-hint">
              {t.bySecret}
            </p>
            <code aria-describedby="key-hint">{begun.secret.replaceAll(/.{4}(?=.)/g, '$& ')}</code>
            <Copy text={begun.secret} />
          </div>
          <CodeForm digits={APP_DIGITS} busy={busy} error={error} isBelow onCode={verify} />
        </>
      )}
      <StepUp />
      {memory.steps.length === 0 && isOwed === false && (
        <Button look="plain" onPress={() => go('/settings')}>
          {t.cancel}
        </Button>
      )}
      {isOwed === true && <SignOut />}
    </Page>
  );
}

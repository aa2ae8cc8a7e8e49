import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { reasonFor } from '../../flow/reason.ts';
import { doFresh } from '../../flow/stale.ts';
import type { Messages } from '../../i18n/en.ts';
import { go, redirect } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { FactorIcon } from '../../ui/factor-icon.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Totp } from '../../recipes/totp.ts';

type Apps = Awaited<ReturnType<typeof Totp.listDevices>>['devices'];

/** Why the last one stays. */
const stillNeeded = (requiredBy: readonly string[], t: Messages): string =>
  requiredBy.every((by) => by === 'user') ? t.switchOffFirst : reasonFor({ requiredBy }, t);

/** The account's authenticator apps: another one, or one less. */
export function OwnApps() {
  const app = useApp();
  const { t, memory } = app;
  const { run, busy, error } = useAction();
  const [apps, setApps] = useState<Apps>([]);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => run(async () => setApps((await Totp.listDevices()).devices)), []);
  const remove = async (deviceName: string): Promise<void> => {
    // The SDK's type knows the FDI's one answer; ours may also be that the last one has to stay.
    const reply: { readonly status: string; readonly requiredBy?: readonly string[] } = await Totp.removeDevice({
      deviceName,
    });
    memory.notice =
      reply.status === 'OK'
        ? { tone: 'good', text: t.removed(deviceName) }
        : { tone: 'bad', text: stillNeeded(reply.requiredBy ?? [], t) };
    redirect('/settings');
  };
  return (
    <section aria-labelledby="apps-title">
      <h2 id="apps-title" ref={title} tabIndex={-1}>
        {t.apps}
      </h2>
      <p class="hint">{t.appsText}</p>
      <ul class="rows">
        {apps.map(({ name, verified }) => (
          <li class="row" key={name}>
            <FactorIcon factorId="totp" />
            <div>
              <strong>{name}</strong>
              {!verified && <p class="hint">{t.unfinished}</p>}
            </div>
            <Button
              look="danger"
              busy={busy}
              label={t.removeOne(name)}
              onPress={() => run(() => doFresh(() => remove(name), app))}
            >
              {t.remove}
            </Button>
          </li>
        ))}
      </ul>
      <Notice tone="bad">{error}</Notice>
      <Button look="plain" onPress={() => go('/app')}>
        {t.addApp}
      </Button>
    </section>
  );
}

import { useEffect, useRef, useState } from 'preact/hooks';
import { forgetDevice, type OwnDevice, readDevices } from '../../account.ts';
import { useApp } from '../../app.tsx';
import { deviceName } from '../../flow/device-name.ts';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';

/** Where no code is asked for, and the way to be asked again. Nothing where there is no such device. */
export function OwnDevices() {
  const { t, language } = useApp();
  const { run, busy, error } = useAction();
  const [devices, setDevices] = useState<readonly OwnDevice[]>([]);
  const [news, setNews] = useState('');
  const title = useRef<HTMLHeadingElement>(null);
  const load = async (): Promise<void> => setDevices((await readDevices()).filter(({ trusted }) => trusted.length > 0));
  useEffect(() => run(load), []);
  const forget = (id: string): void =>
    run(async () => {
      setNews('');
      await forgetDevice(id);
      await load();
      setNews(t.forgotten);
      // The button that was pressed is gone.
      title.current?.focus();
    });
  if (devices.length === 0 && news === '') return <Notice tone="bad">{error}</Notice>;
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  return (
    <section aria-labelledby="devices-title">
      <h2 id="devices-title" ref={title} tabIndex={-1}>
        {t.devices}
      </h2>
      <p class="hint">{t.devicesText}</p>
      <ul class="rows">
        {devices.map(({ id, userAgent, current, trusted }) => {
          const name = deviceName(userAgent, t);
          return (
            <li class="row" key={id}>
              <div>
                <strong>{name}</strong> {current && <span class="badge">{t.thisOne}</span>}
                <p class="hint">{t.until(day.format(Math.max(...trusted.map(({ until }) => until))))}</p>
              </div>
              <Button look="danger" busy={busy} label={t.forgetOne(name)} onPress={() => forget(id)}>
                {t.forget}
              </Button>
            </li>
          );
        })}
      </ul>
      <Notice tone="bad">{error}</Notice>
      <Notice tone="good">{news}</Notice>
    </section>
  );
}

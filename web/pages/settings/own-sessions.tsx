import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../../app.tsx';
import { deviceName } from '../../flow/device-name.ts';
import { endSession, type OwnSession, readSessions } from '../../service.ts';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';

/** Where the account is signed in, this device first, and the way to end the others. */
export function OwnSessions() {
  const { t, language } = useApp();
  const { run, busy, error } = useAction();
  const [sessions, setSessions] = useState<readonly OwnSession[]>([]);
  const [news, setNews] = useState('');
  const title = useRef<HTMLHeadingElement>(null);
  const load = async (): Promise<void> =>
    setSessions((await readSessions()).toSorted((a, b) => Number(b.current) - Number(a.current)));
  useEffect(() => run(load), []);
  const others = sessions.filter(({ current }) => !current);
  const end = (ending: readonly OwnSession[]): void => {
    setNews('');
    run(async () => {
      await Promise.all(ending.map(({ sessionHandle }) => endSession(sessionHandle)));
      await load();
      setNews(t.ended1);
      // The button that was pressed is gone.
      title.current?.focus();
    });
  };
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return (
    <section aria-labelledby="sessions-title">
      <h2 id="sessions-title" ref={title} tabIndex={-1}>
        {t.sessions}
      </h2>
      <ul class="rows">
        {sessions.map((session) => {
          const [device, when] = [deviceName(session.userAgent, t), moment.format(session.lastUsedAt)];
          return (
            <li class="row" key={session.sessionHandle}>
              <div>
                <strong>{device}</strong>
                <p class="hint">{t.lastUsed(when)}</p>
              </div>
              {session.current ? (
                <span class="badge">{t.thisOne}</span>
              ) : (
                <Button look="danger" busy={busy} label={t.endOne(device, when)} onPress={() => end([session])}>
                  {t.signOut}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      <Notice tone="bad">{error}</Notice>
      <Notice tone="good">{news}</Notice>
      {others.length > 0 && (
        <Button look="plain" busy={busy} onPress={() => end(others)}>
          {t.endOthers}
        </Button>
      )}
    </section>
  );
}

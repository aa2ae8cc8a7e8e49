import { useEffect, useState } from 'preact/hooks';
import { useAction } from './form.tsx';
import { t } from './messages.ts';
import { readJson } from './parts.tsx';

interface OwnSession {
  readonly sessionHandle: string;
  readonly current: boolean;
  readonly createdAt: number;
}

export function OwnSessions() {
  const { run, busy, alert } = useAction(t.failed);
  const [sessions, setSessions] = useState<readonly OwnSession[]>([]);
  const load = async (): Promise<void> => {
    const reply = await fetch('/auth/sessions');
    if (!reply.ok) throw new Error('sessions');
    setSessions((await readJson<{ readonly sessions: readonly OwnSession[] }>(reply)).sessions);
  };
  useEffect(() => run(load), []);
  const end = (handle: string): void =>
    run(async () => {
      const reply = await fetch(`/auth/sessions/${encodeURIComponent(handle)}`, { method: 'DELETE' });
      return reply.ok ? load() : t.failed;
    });
  return (
    <section>
      <h2>{t.sessions}</h2>
      <ul>
        {sessions.map(({ sessionHandle, current, createdAt }) => (
          <li key={sessionHandle}>
            {new Date(createdAt).toLocaleString(document.documentElement.lang)}{' '}
            {current ? (
              t.thisOne
            ) : (
              <button disabled={busy} onClick={() => end(sessionHandle)}>
                {t.signOut}
              </button>
            )}
          </li>
        ))}
      </ul>
      {alert}
    </section>
  );
}

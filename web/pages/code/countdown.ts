import { useEffect, useState } from 'preact/hooks';

/** Seconds until so long after a moment; never longer than that, whatever the clock of the device has done. */
export function useCountdown(since: number | undefined, seconds: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [since]);
  if (since === undefined) return seconds;
  return Math.min(seconds, Math.max(0, Math.ceil((since - now) / 1000 + seconds)));
}

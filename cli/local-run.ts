import * as v from 'valibot';
import { EXIT } from './exit-codes.ts';
import { CommandFailure } from './failure.ts';

/** Somebody who happens to listen on that port cannot send a command anywhere but to this machine. */
const onThisMachine = v.pipe(
  v.string(),
  v.url(),
  v.check((url) => ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname)),
);

const Whereabouts = v.object({
  dynamodb: v.pipe(v.string(), v.url()),
  aws: onThisMachine,
  region: v.pipe(v.string(), v.minLength(1)),
  settings: v.record(v.string(), v.string()),
});
export type Whereabouts = v.InferOutput<typeof Whereabouts>;

/** Where `npm start` runs, by its own word. */
export async function findLocalRun(port: string): Promise<Whereabouts> {
  const url = `http://localhost:${port}/__local/aws`;
  const reply = await fetch(url, { signal: AbortSignal.timeout(5_000) })
    .then((response) => (response.ok ? response.json() : undefined))
    .catch(() => undefined);
  const parsed = v.safeParse(Whereabouts, reply);
  if (parsed.success) return parsed.output;
  throw new CommandFailure({
    exitCode: EXIT.unavailable,
    code: 'no-local-run',
    message: `No local run of Stepgate answers at http://localhost:${port}.`,
    next: 'Start it with npm start; if it has another port, set PORT to the same.',
  });
}

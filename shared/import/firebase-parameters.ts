import * as v from 'valibot';
import type { FirebaseParameters } from './hashes.ts';

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(400));
const whole = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,4}$/), v.transform(Number))]),
  v.integer(),
  v.minValue(1),
);

const Ours = v.object({ signerKey: text, saltSeparator: v.string(), rounds: whole, memoryCost: whole });
/** As Firebase's console spells them. */
const Theirs = v.pipe(
  v.object({ base64_signer_key: text, base64_salt_separator: v.string(), rounds: whole, mem_cost: whole }),
  v.transform((given) => ({
    signerKey: given.base64_signer_key,
    saltSeparator: given.base64_salt_separator,
    rounds: given.rounds,
    memoryCost: given.mem_cost,
  })),
);

const Parameters = v.union([Ours, Theirs]);

/** The parameters of a project by our names or by those of the console. @returns undefined where some are missing. */
export function firebaseParametersOf(value: unknown): FirebaseParameters | undefined {
  const parsed = v.safeParse(Parameters, value);
  return parsed.success ? parsed.output : undefined;
}

/** The block that the console shows, `hash_config { … }`, as it is pasted. */
export function firebaseParametersIn(block: string): FirebaseParameters | undefined {
  const lines = block.matchAll(/^\s*(\w+)\s*:\s*"?([^\s",]+)"?,?\s*$/gm);
  return firebaseParametersOf(Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value])));
}

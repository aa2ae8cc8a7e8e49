import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/**
 * From now on every Argon2 hash of this process costs next to nothing, whatever it asks for.
 *
 * So sign-in can be measured without the hash, on its whole path. A stored hash with a low cost would not do: sign-in
 * replaces it at once by one of today's cost. To subtract a hash that was measured apart would be less exact: it costs
 * four times what it would be subtracted from. For a measurement only; no test may do this.
 */
export function cheapenHashes(): void {
  const { argon2 } = crypto;
  Object.assign(crypto, {
    argon2: (...[algorithm, parameters, callback]: Parameters<typeof argon2>) =>
      argon2(algorithm, { ...parameters, memory: 8, passes: 1, parallelism: 1 }, callback),
  });
  syncBuiltinESMExports();
}

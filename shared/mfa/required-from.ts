import type { FactorId } from './factor.ts';
import type { Decision, Demand } from './policy.ts';
import { factorsIn } from './requirements.ts';

/**
 * From when on a factor is asked for that is not yet: everything that requires it is waived by a grace or an exemption.
 *
 * @returns epoch milliseconds; undefined where it is asked for already, by anybody, or by nobody.
 */
export function requiredFrom(
  factor: FactorId,
  { demands, waivers }: Pick<Decision, 'demands' | 'waivers'>,
): number | undefined {
  const naming = demands.filter(({ requirement }) => factorsIn(requirement).includes(factor));
  const ends = naming.map((demand) => endOf(demand, waivers));
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0 || known.length < ends.length ? undefined : Math.min(...known);
}

/** Of a demand its own waiver: both name the very same list of who asked. */
const endOf = ({ origins }: Demand, waivers: Decision['waivers']): number | undefined =>
  waivers.find((waiver) => waiver.origins === origins)?.until;

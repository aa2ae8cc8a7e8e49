import type { Messages } from '../i18n/en.ts';
import { factorNames } from '../i18n/factor-name.ts';
import type { Factor } from '../service.ts';

/** Why a factor cannot be switched off, for people: who asks for it, and what would do instead. */
export function reasonFor(
  { requiredBy, alternatives = [] }: Pick<Factor, 'requiredBy' | 'alternatives'>,
  t: Messages,
): string {
  const rules = requiredBy.flatMap((by) => (by.startsWith('rule:') ? [`“${by.slice('rule:'.length)}”`] : []));
  return [
    ...(requiredBy.includes('tenant') ? [t.byTenant] : []),
    ...(rules.length > 0 ? [t.byRule(rules.join(', '))] : []),
    ...(alternatives.length > 0 ? [t.orElse(factorNames(alternatives, t, 'or'))] : []),
  ].join(' ');
}

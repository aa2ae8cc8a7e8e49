import type { Messages } from '../i18n/en.ts';
import { factorNames } from '../i18n/factor-name.ts';
import type { Factor } from '../service.ts';

/** What a factor is needed for, for people: who asks for it and what would do instead, or why it can be done without. */
export function reasonFor(
  { requiredBy, alternatives = [] }: Pick<Factor, 'requiredBy' | 'alternatives'>,
  t: Messages,
): string {
  const others = factorNames(alternatives, t, 'or');
  if (requiredBy.length === 0) return others === '' ? '' : t.notNeeded(others);
  const rules = requiredBy.flatMap((by) => (by.startsWith('rule:') ? [`“${by.slice('rule:'.length)}”`] : []));
  return [
    ...(requiredBy.includes('tenant') ? [t.byTenant] : []),
    ...(rules.length > 0 ? [t.byRule(rules.join(', '))] : []),
    ...(others === '' ? [] : [t.orElse(others)]),
  ].join(' ');
}

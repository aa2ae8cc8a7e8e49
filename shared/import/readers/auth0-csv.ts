const FLAGS = new Set(['email_verified', 'phone_verified', 'blocked']);

/** A CSV has a column a path: `app_metadata.plan`, `identities[0].provider`. Empty ones are not there. */
export function nested(row: Readonly<Record<string, string>>): unknown {
  let user: unknown = {};
  for (const [column, value] of Object.entries(row)) {
    if (value === '') continue;
    const path = column.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
    user = placed(user, path, FLAGS.has(column) ? value.toLowerCase() === 'true' : value);
  }
  return user;
}

/** @returns `into` with the value there; what is numbered is a list. */
function placed(into: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (/^\d{1,2}$/.test(name)) {
    const list: unknown[] = Array.isArray(into) ? [...into] : [];
    list[Number(name)] = placed(list[Number(name)], rest, value);
    return list;
  }
  const members = typeof into === 'object' && into !== null && !Array.isArray(into) ? { ...into } : {};
  const before = Object.entries(members).find(([own]) => own === name)?.[1];
  return { ...members, [name]: placed(before, rest, value) };
}

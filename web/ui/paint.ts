import { themeOf } from './brand-colour.ts';

/** Sets them one by one through the object model, which a strict CSP allows where it forbids inline style. */
export function paint(color: string | undefined): void {
  if (color === undefined || !/^#[0-9a-f]{6}$/i.test(color)) return;
  for (const [name, value] of Object.entries(themeOf(color))) document.documentElement.style.setProperty(name, value);
}

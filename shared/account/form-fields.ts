import * as v from 'valibot';
import { badRequest } from '../protocol-error.ts';

/** What every e-mail and password form of the FDI sends. @see wire.md §4.1 */
export const FormFields = v.pipe(
  v.array(v.object({ id: v.string(), value: v.optional(v.unknown()) })),
  v.maxLength(40),
);

export type FormFields = v.InferOutput<typeof FormFields>;
export type FieldErrors = readonly { readonly id: string; readonly error: string }[];

/** auth-react recognises exactly this text and shows a translated one. */
export const NOT_OPTIONAL = 'Field is not optional';

/**
 * The form as a record of its fields.
 *
 * @throws 400 for a field without a value, twice the same field, a value that is not text, more fields than there are.
 */
export function readForm(fields: FormFields, allowed: number): ReadonlyMap<string, string> {
  if (fields.length > allowed) throw badRequest('Are you sending too many formFields?');
  const form = new Map<string, string>();
  for (const { id, value } of fields) {
    if (typeof value !== 'string') throw badRequest('each of formFields needs an id and a text value');
    if (form.has(id)) throw badRequest('a field occurs twice in formFields');
    form.set(id, value);
  }
  return form;
}

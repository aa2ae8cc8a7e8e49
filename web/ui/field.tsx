import type { InputHTMLAttributes, Ref } from 'preact';

export interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  /** Id of what else is to be read out with the field. */
  readonly describedBy?: string;
  readonly input?: InputHTMLAttributes;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** A label, its field, a hint and what is wrong with it: read out together. */
export function Field(props: FieldProps) {
  const { name, label, hint, error, describedBy, input = {}, inputRef = null } = props;
  const [hintId, errorId] = [`${name}-hint`, `${name}-error`];
  const described = [error && errorId, hint !== undefined && hintId, describedBy].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        {...input}
        id={name}
        name={name}
        ref={inputRef}
        aria-invalid={error ? true : undefined}
        aria-describedby={described || undefined}
      />
      {error && (
        <p class="wrong" id={errorId}>
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}

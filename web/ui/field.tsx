import type { InputHTMLAttributes, Ref } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../app.tsx';

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

/** A password, which its owner may look at. */
export function PasswordField(
  props: Pick<FieldProps, 'hint' | 'error'> & { readonly autocomplete: 'current-password' | 'new-password' },
) {
  const { t } = useApp();
  const { hint, error, autocomplete } = props;
  const [isShown, setShown] = useState(false);
  return (
    <div class="password">
      <Field
        name="password"
        label={t.password}
        hint={hint}
        error={error}
        input={
          isShown ? { type: 'text', autocomplete, required: true } : { type: 'password', autocomplete, required: true }
        }
      />
      <button
        type="button"
        class="reveal"
        aria-label={t.showPassword}
        aria-pressed={isShown}
        onClick={() => setShown(!isShown)}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12Z" />
          <circle cx="12" cy="12" r="3" />
          {isShown && <path d="m4 4 16 16" />}
        </svg>
      </button>
    </div>
  );
}

import { useState } from 'preact/hooks';
import { useApp } from '../app.tsx';
import { Field, type FieldProps } from './field.tsx';

/** A password, which its owner may look at. */
export function PasswordField(
  props: Pick<FieldProps, 'hint' | 'error'> & {
    readonly name?: string;
    readonly label?: string;
    readonly autocomplete: 'current-password' | 'new-password';
  },
) {
  const { t } = useApp();
  const { name = 'password', label = t.password, hint, error, autocomplete } = props;
  const [isShown, setShown] = useState(false);
  return (
    <div class="password">
      <Field
        name={name}
        label={label}
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

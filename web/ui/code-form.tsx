import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../app.tsx';
import { Button } from './button.tsx';
import { Field } from './field.tsx';
import { Notice } from './notice.tsx';

/**
 * One field for a whole code of digits, so that pasting, autofill and screen readers work; blanks in it do no harm. A
 * complete code is sent by itself; after a wrong one the field is empty again and has the focus.
 */
export function CodeForm(props: {
  readonly digits: number;
  readonly busy: boolean;
  readonly error: string;
  readonly news?: string;
  readonly hint?: string;
  /** Something above is to be looked at first: the field takes the focus after a try only. */
  readonly isBelow?: boolean;
  readonly onCode: (code: string) => void;
  /** Between the field and the button. */
  readonly children?: ComponentChildren;
}) {
  const { t } = useApp();
  const { digits, busy, error, news, hint = t.codeHint(digits), isBelow = false, onCode, children } = props;
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  // Before the message of a wrong code is painted: whoever types at once types into an empty field.
  useLayoutEffect(() => {
    if (busy) return;
    setCode('');
    if (!isBelow || error !== '') field.current?.focus();
  }, [busy]);
  const typed = (text: string): void => {
    const complete = text.replaceAll(/\D/g, '').slice(0, digits);
    setCode(complete);
    if (complete.length === digits && !busy) onCode(complete);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) onCode(code);
      }}
    >
      <div class={error === '' ? 'code' : 'code wrong-code'}>
        <Field
          name="code"
          label={t.codeLabel}
          hint={hint}
          inputRef={field}
          describedBy="lead"
          input={{
            value: code,
            inputMode: 'numeric',
            autocomplete: 'one-time-code',
            required: true,
            'aria-invalid': error !== '',
            onInput: (event) => typed(event.currentTarget.value),
          }}
        />
      </div>
      {children}
      <Notice tone="bad">{error}</Notice>
      <Notice tone="good">{news}</Notice>
      <Button busy={busy}>{t.verify}</Button>
    </form>
  );
}

import type { Ref } from 'preact';
import { useApp } from '../../app.tsx';
import { Field } from '../../ui/field.tsx';

/** One field for the whole code, so that pasting, autofill and screen readers work; blanks in it do no harm. */
export function CodeField(props: {
  readonly inputRef: Ref<HTMLInputElement>;
  readonly code: string;
  readonly isWrong: boolean;
  readonly left: number | undefined;
  readonly onTyped: (text: string) => void;
}) {
  const { t, methods } = useApp();
  const hint = t.codeHint(methods.otpDigits);
  return (
    <div class={props.isWrong ? 'code wrong-code' : 'code'}>
      <Field
        name="code"
        label={t.codeLabel}
        hint={props.left === undefined || props.isWrong ? hint : t.attemptsLeft(props.left)}
        inputRef={props.inputRef}
        describedBy="lead"
        input={{
          value: props.code,
          inputMode: 'numeric',
          autocomplete: 'one-time-code',
          required: true,
          'aria-invalid': props.isWrong,
          onInput: (event) => props.onTyped(event.currentTarget.value),
        }}
      />
    </div>
  );
}

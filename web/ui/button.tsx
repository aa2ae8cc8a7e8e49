import type { ComponentChildren } from 'preact';

/** `main` once a page; `plain` beside it; `link` where it leads elsewhere; `danger` ends something. */
export function Button(props: {
  readonly children: ComponentChildren;
  readonly look?: 'main' | 'plain' | 'link' | 'danger';
  readonly label?: string;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  /** Without it the button sends its form. */
  readonly onPress?: () => void;
}) {
  const { children, look = 'main', label, busy = false, disabled = false, onPress } = props;
  return (
    <button
      type={onPress === undefined ? 'submit' : 'button'}
      class={`button ${look}`}
      aria-label={label}
      aria-busy={busy}
      disabled={disabled}
      onClick={() => {
        if (!busy) onPress?.();
      }}
    >
      {children}
    </button>
  );
}

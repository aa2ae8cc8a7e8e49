/** On or off. The names and texts around it are given by their ids. */
export function Switch(props: {
  readonly isOn: boolean;
  readonly labelledBy: string;
  readonly describedBy: string;
  readonly busy: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  const { isOn, labelledBy, describedBy, busy, onChange } = props;
  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={isOn}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      aria-busy={busy}
      onClick={() => {
        if (!busy) onChange(!isOn);
      }}
    >
      <span />
    </button>
  );
}

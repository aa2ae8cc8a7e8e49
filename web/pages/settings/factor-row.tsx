import { useApp } from '../../app.tsx';
import { reasonFor } from '../../flow/reason.ts';
import { factorName } from '../../i18n/factor-name.ts';
import type { Factor } from '../../service.ts';
import { FactorIcon } from '../../ui/factor-icon.tsx';
import { Switch } from '../../ui/switch.tsx';

/** A factor, on or off; what others ask for has no switch, and says who asks. */
export function FactorRow(props: {
  readonly factor: Factor;
  readonly busy: boolean;
  readonly onChange: (required: boolean) => void;
}) {
  const { t } = useApp();
  const { factor, busy, onChange } = props;
  const { factorId, required, canDisable, contact, setUp } = factor;
  const [nameId, textId] = [`${factorId}-name`, `${factorId}-text`];
  const isFixed = required && !canDisable;
  const reason = isFixed || !required ? reasonFor(factor, t) : '';
  return (
    <li class="row">
      <FactorIcon factorId={factorId} />
      <div>
        <strong id={nameId}>{factorName(factorId, t)}</strong>
        <p class="hint" id={textId}>
          {contact ?? (setUp ? t.ready : t.notSetUp)}
          {reason && <span class="reason">{reason}</span>}
        </p>
      </div>
      {isFixed ? (
        <span class="badge">{t.always}</span>
      ) : (
        <Switch isOn={required} labelledBy={nameId} describedBy={textId} busy={busy} onChange={onChange} />
      )}
    </li>
  );
}

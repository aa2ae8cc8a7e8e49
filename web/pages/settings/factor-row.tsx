import { useApp } from '../../app.tsx';
import { reasonFor } from '../../flow/reason.ts';
import { factorName } from '../../i18n/factor-name.ts';
import type { Factor } from '../../service.ts';
import { FactorIcon } from '../../ui/factor-icon.tsx';
import { Switch } from '../../ui/switch.tsx';

/**
 * A factor, on or off; what others ask for has no switch, and says who asks. Until they do, it says from when, and may
 * be switched on before.
 */
export function FactorRow(props: {
  readonly factor: Factor;
  readonly busy: boolean;
  readonly onChange: (required: boolean) => void;
}) {
  const { t, language } = useApp();
  const { factor, busy, onChange } = props;
  const { factorId, required, requiredBy, requiredFrom, canDisable, contact, setUp } = factor;
  const [nameId, textId] = [`${factorId}-name`, `${factorId}-text`];
  const isAsked = required && (requiredFrom === undefined || requiredBy.includes('user'));
  const isFixed = isAsked && !canDisable;
  const reason = isFixed || !isAsked ? reasonFor(factor, t) : '';
  return (
    <li class="row">
      <FactorIcon factorId={factorId} />
      <div>
        <strong id={nameId}>{factorName(factorId, t)}</strong>
        <p class="hint" id={textId}>
          {contact ?? (setUp ? t.ready : t.notSetUp)}
          {requiredFrom && <span class="reason">{t.requiredFrom(dayOf(requiredFrom, language))}</span>}
          {reason && <span class="reason">{reason}</span>}
        </p>
      </div>
      {isFixed ? (
        <span class="badge">{t.always}</span>
      ) : (
        <Switch isOn={isAsked} labelledBy={nameId} describedBy={textId} busy={busy} onChange={onChange} />
      )}
    </li>
  );
}

const dayOf = (time: string, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(new Date(time));

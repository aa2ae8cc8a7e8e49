import { useApp } from '../app.tsx';

/** "Do not ask again", where the tenant has it and somebody is signing in; never ticked by itself. */
export function Remember(props: { readonly isTicked: boolean; readonly onTick: (isTicked: boolean) => void }) {
  const { t, methods, memory } = useApp();
  if (methods.rememberDeviceDays === undefined || memory.steps.length > 0) return null;
  return (
    <label class="tick">
      <input
        type="checkbox"
        name="remember"
        checked={props.isTicked}
        onChange={(event) => props.onTick(event.currentTarget.checked)}
      />
      <span>
        {t.remember(methods.rememberDeviceDays)} <span class="hint">{t.rememberHint}</span>
      </span>
    </label>
  );
}

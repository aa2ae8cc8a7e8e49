import { useApp } from '../app.tsx';
import { redirect } from '../router.tsx';
import { Button } from './button.tsx';
import { Passwordless } from '../sdk.ts';

/** While a change waits for a code: says so, and lets go of it. */
export function StepUp() {
  const { t, memory } = useApp();
  if (memory.steps.length === 0) return null;
  const cancel = async (): Promise<void> => {
    memory.steps.length = 0;
    await Passwordless.clearLoginAttemptInfo();
    redirect('/settings');
  };
  return (
    <Button look="plain" onPress={() => void cancel()}>
      {t.cancel}
    </Button>
  );
}

import { useApp } from '../app.tsx';
import { restart } from '../router.tsx';
import { Button } from './button.tsx';
import { Passwordless, Session } from '../sdk.ts';

export function SignOut() {
  const { t } = useApp();
  const leave = (): Promise<void> =>
    Passwordless.clearLoginAttemptInfo()
      .then(() => Session.signOut())
      .finally(restart);
  return (
    <Button look="link" onPress={() => void leave()}>
      {t.signOut}
    </Button>
  );
}

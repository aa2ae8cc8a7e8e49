import Passwordless from 'supertokens-web-js/recipe/passwordless';
import Session from 'supertokens-web-js/recipe/session';
import { useApp } from '../app.tsx';
import { restart } from '../router.tsx';
import { Button } from './button.tsx';

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

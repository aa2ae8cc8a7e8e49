import { useState } from 'preact/hooks';
import { linkSecret } from '../../flow/secret.ts';
import { AskForLink } from './ask-for-link.tsx';
import { ChoosePassword } from './choose-password.tsx';

/** Asks for a link; or, opened by one, for the new password. */
export function ResetPassword() {
  const [token, setToken] = useState(linkSecret.token);
  return token === undefined ? <AskForLink /> : <ChoosePassword onAskAgain={() => setToken(undefined)} />;
}

import { linkSecret } from '../../flow/secret.ts';
import { ConfirmEmail } from './confirm-email.tsx';
import { AwaitEmail } from './await-email.tsx';

/** Opened by a link, confirms the address; otherwise waits for that. */
export const VerifyEmail = () => (linkSecret.token === undefined ? <AwaitEmail /> : <ConfirmEmail />);

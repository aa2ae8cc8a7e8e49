import EmailVerification from 'supertokens-web-js/recipe/emailverification';
import { linkSecret } from '../flow/secret.ts';
import { addRecipe } from '../sdk.ts';

addRecipe(
  EmailVerification.init({
    override: {
      functions: (original) => ({ ...original, getEmailVerificationTokenFromURL: () => linkSecret.token ?? '' }),
    },
  }),
);

export { EmailVerification };

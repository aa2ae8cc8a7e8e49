import EmailPassword from 'supertokens-web-js/recipe/emailpassword';
import { linkSecret } from '../flow/secret.ts';
import { addRecipe } from '../sdk.ts';

addRecipe(
  EmailPassword.init({
    override: {
      functions: (original) => ({ ...original, getResetPasswordTokenFromURL: () => linkSecret.token ?? '' }),
    },
  }),
);

export { EmailPassword };

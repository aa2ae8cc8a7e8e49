import SuperTokens from 'supertokens-web-js';
import EmailPassword from 'supertokens-web-js/recipe/emailpassword';
import MultiFactorAuth from 'supertokens-web-js/recipe/multifactorauth';
import Passwordless from 'supertokens-web-js/recipe/passwordless';
import Session from 'supertokens-web-js/recipe/session';
import { linkSecret } from './flow/secret.ts';

/**
 * The part of the SDK that most pages need, as one file: in twenty, each beginning with the same helpers, it would take
 * half as much again on the way. `recipes/` has the rest, each for the pages that import it.
 */
export { EmailPassword, MultiFactorAuth, Passwordless, Session };

type Recipe = Parameters<typeof SuperTokens.init>[0]['recipeList'][number];

let begin: ((recipe: Recipe) => void) | undefined;
const waiting: Recipe[] = [];

/** Begins a recipe with the SDK, or right away where that has begun. */
export function addRecipe(recipe: Recipe): void {
  if (begin === undefined) waiting.push(recipe);
  else begin(recipe);
}

/** Begins the SDK. What it would read from the address bar is given to it: secrets do not stay there. */
export function initSdk(appName: string): void {
  const emailPassword = EmailPassword.init({
    override: {
      functions: (original) => ({ ...original, getResetPasswordTokenFromURL: () => linkSecret.token ?? '' }),
    },
  });
  const passwordless = Passwordless.init({
    override: {
      functions: (original) => ({ ...original, getLinkCodeFromURL: () => linkSecret.linkCode ?? '' }),
    },
  });
  const remember: Recipe = (...about) => {
    begin = (recipe) => void recipe(...about);
    return Session.init()(...about);
  };
  SuperTokens.init({
    appInfo: { appName, apiDomain: location.origin, apiBasePath: '/auth' },
    recipeList: [remember, emailPassword, passwordless, MultiFactorAuth.init(), ...waiting],
  });
}

import Totp from 'supertokens-web-js/recipe/totp';
import { addRecipe } from '../sdk.ts';

addRecipe(Totp.init());

export { Totp };

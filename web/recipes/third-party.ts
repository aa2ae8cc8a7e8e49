import ThirdParty from 'supertokens-web-js/recipe/thirdparty';
import { addRecipe } from '../sdk.ts';

addRecipe(ThirdParty.init());

export { ThirdParty };

import { routesFrom, sessionAuthorizer } from '../../shared/protect/authorizer.ts';
import { issuerFrom } from '../../shared/protect/issuer.ts';

/** For customers' routes: deployed by `auth.protect(route, …)` alone. Reaches no table and no key of ours. */
export const handler = sessionAuthorizer(routesFrom(process.env), issuerFrom(process.env));

import { type ReactNode } from 'react';
import { SessionAuth } from 'supertokens-auth-react/recipe/session';
import { AccessDeniedScreen } from 'supertokens-auth-react/recipe/session/prebuiltui';
import { UserRoleClaim } from 'supertokens-auth-react/recipe/userroles';

/** A page for one role alone, the way auth-react's guide has it. */
export function Clerks(): ReactNode {
  return (
    <SessionAuth
      accessDeniedScreen={AccessDeniedScreen}
      overrideGlobalClaimValidators={(validators) => [
        ...validators,
        { ...UserRoleClaim.validators.includes('clerk'), showAccessDeniedOnFailure: true },
      ]}
    >
      <h1>Clerks</h1>
    </SessionAuth>
  );
}

import type { LoginMethod, User } from '../account/user.ts';
import type { Identity } from '../third-party/identity.ts';
import type { Provider } from '../third-party/presets.ts';

/** A sign-in that is away at a provider. */
export interface OauthState {
  readonly tenantId: string;
  /** SHA-256 of the PKCE verifier, base64url. */
  readonly codeChallenge: string;
  readonly thirdPartyId: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly nonce: string;
  readonly browserHash?: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface OauthStateStore {
  put(state: OauthState): Promise<void>;
  /**
   * Uses a state up, atomically, BEFORE anything of it is compared.
   *
   * @returns undefined when it is unknown, of another tenant, or was used by another request.
   */
  claim(tenantId: string, codeVerifier: string, requestId: string): Promise<OauthState | undefined>;
}

/** Address and proof of a method as its provider has them now. */
export interface ProviderEmailStore {
  /** `taken`: another primary user has it. `changed`: the user was changed or disabled meanwhile. */
  replace(change: {
    readonly user: User;
    readonly method: LoginMethod;
    readonly email: string;
  }): Promise<'done' | 'taken' | 'changed'>;
}

/** The reason is for the log: it names what failed and repeats nothing that was sent. `DENIED`: no code came. */
export type ProviderFailure = { readonly status: 'FAILED' | 'DENIED'; readonly reason: string };

export type IdentityAnswer = { readonly status: 'OK'; readonly identity: Identity } | ProviderFailure;

/** Providers of identities, within three seconds. Never throws for what a provider did. */
export interface IdentityProviders {
  /** The provider's page, with everything in its query but `state`. */
  authorise(
    provider: Provider,
    ask: { readonly redirectUri: string; readonly codeChallenge: string; readonly nonce: string },
  ): Promise<{ readonly status: 'OK'; readonly url: string } | ProviderFailure>;
  /** Redeems a code and verifies everything about what comes for it. */
  identify(
    provider: Provider,
    answer: {
      readonly tenantId: string;
      readonly redirectUri: string;
      readonly params: Readonly<Record<string, string>>;
      readonly codeVerifier: string;
      readonly nonce: string;
    },
  ): Promise<IdentityAnswer>;
}

export interface ProviderSecrets {
  /** @throws where it was sealed for another provider or tenant. */
  open(tenantId: string, thirdPartyId: string, sealed: string): Promise<string>;
}

export interface SecretSealer {
  seal(plain: Uint8Array, use: string): Promise<Uint8Array>;
}

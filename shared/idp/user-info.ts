import type * as Library from 'openid-client';
import * as v from 'valibot';
import type { Provider } from '../third-party/presets.ts';

type Claims = Readonly<Record<string, unknown>>;

/** Who somebody is at a provider without OpenID, in OpenID's words. */
export async function claimsByOauth(
  library: typeof Library,
  configuration: Library.Configuration,
  provider: Provider,
  accessToken: string,
): Promise<Claims> {
  const userInfo = provider.endpoints?.userInfo ?? '';
  const get = async (url: string): Promise<unknown> => {
    const headers = new Headers({ accept: 'application/json' });
    const response = await library.fetchProtectedResource(
      configuration,
      accessToken,
      new URL(url),
      'GET',
      undefined,
      headers,
    );
    if (response.status !== 200) throw new TypeError('user info was not to be had');
    return response.json();
  };
  const user = await get(userInfo);
  if (provider.preset === 'github') return { sub: at(user, 'id'), ...githubEmail(await get(`${userInfo}/emails`)) };
  const { userId = 'id', email, emailVerified } = provider.claims ?? {};
  return {
    sub: at(user, userId),
    email: email === undefined ? undefined : at(user, email),
    email_verified: emailVerified === undefined ? undefined : at(user, emailVerified),
  };
}

const Emails = v.array(v.object({ email: v.string(), primary: v.boolean(), verified: v.boolean() }));

/** The profile shows any address; only the list of one's own tells which of them was verified. */
function githubEmail(list: unknown): Claims {
  const parsed = v.safeParse(Emails, list);
  const primary = parsed.success ? parsed.output.find((each) => each.primary) : undefined;
  return primary === undefined ? {} : { email: primary.email, email_verified: primary.verified };
}

/** `data.email` of a reply. Own members only. */
function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (node, name) =>
        typeof node === 'object' && node !== null && Object.hasOwn(node, name)
          ? Object.entries(node).find(([key]) => key === name)?.[1]
          : undefined,
      value,
    );
}

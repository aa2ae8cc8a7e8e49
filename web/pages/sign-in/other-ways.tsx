import { useApp } from '../../app.tsx';
import { channelsOf } from '../../flow/passwordless.ts';
import { rememberWay } from '../../flow/way-back.ts';
import { go } from '../../router.tsx';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { ThirdParty } from '../../recipes/third-party.ts';

/** Providers, and signing in without a password, below the form. */
export function OtherWays(props: { readonly hasForm: boolean; readonly isPasswordlessShown: boolean }) {
  const { t, methods } = useApp();
  const { run, busy, error } = useAction();
  const { providers } = methods.thirdParty;
  const { mail, phone } = channelsOf(methods);
  const hasPasswordless = (mail || phone) && !props.isPasswordlessShown;
  if (providers.length === 0 && !hasPasswordless) return null;
  return (
    <>
      {props.hasForm && <p class="divider">{t.or}</p>}
      <Notice tone="bad">{error}</Notice>
      {providers.map(({ id, name = id }) => (
        <Button key={id} look="plain" busy={busy} onPress={() => run(() => leaveFor(id))}>
          {t.withProvider(name)}
        </Button>
      ))}
      {hasPasswordless && (
        <Button look="plain" onPress={() => go('/passwordless')}>
          {t.codeInstead}
        </Button>
      )}
    </>
  );
}

async function leaveFor(thirdPartyId: string): Promise<void> {
  const url = await ThirdParty.getAuthorisationURLWithQueryParamsAndSetState({
    thirdPartyId,
    frontendRedirectURI: `${location.origin}/callback/${thirdPartyId}`,
    // Apple posts a form, which no page can read: the service takes it and sends it on to the page.
    ...(thirdPartyId === 'apple' ? { redirectURIOnProviderDashboard: `${location.origin}/auth/callback/apple` } : {}),
  });
  rememberWay();
  location.assign(url);
}

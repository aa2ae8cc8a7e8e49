import { useApp } from '../app.tsx';
import { Button } from '../ui/button.tsx';
import { Page } from '../ui/page.tsx';

/** In place of every page where the service does not say what to show. */
export function Outage({ isUnknownTenant }: { readonly isUnknownTenant: boolean }) {
  const { t } = useApp();
  if (isUnknownTenant) return <Page title={t.unknownTenant} lead={t.notFoundText} />;
  return (
    <Page title={t.unavailable}>
      <Button onPress={() => location.reload()}>{t.retry}</Button>
    </Page>
  );
}

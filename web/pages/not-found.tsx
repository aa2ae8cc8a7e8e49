import { useApp } from '../app.tsx';
import { href } from '../router.tsx';
import { Page } from '../ui/page.tsx';

export function NotFound() {
  const { t } = useApp();
  return (
    <Page title={t.notFound} lead={t.notFoundText}>
      <a class="button main" href={href('/')}>
        {t.signIn}
      </a>
    </Page>
  );
}

import { useApp } from '../../app.tsx';
import { doFresh } from '../../flow/stale.ts';
import { redirect } from '../../router.tsx';
import { makeBackupCodes } from '../../account.ts';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { FactorIcon } from '../../ui/factor-icon.tsx';
import { Notice } from '../../ui/notice.tsx';

/** How many codes are left on paper, and new ones. */
export function BackupSection({ codesLeft }: { readonly codesLeft: number }) {
  const app = useApp();
  const { t, memory } = app;
  const { run, busy, error } = useAction();
  const make = async (): Promise<void> => {
    memory.codes = (await makeBackupCodes()).codes;
    redirect('/backup-codes');
  };
  return (
    <section aria-labelledby="backup-title">
      <h2 id="backup-title">{t.backupCodes}</h2>
      <p class="hint">{t.backupText}</p>
      <ul class="rows">
        <li class="row">
          <FactorIcon factorId="backup-code" />
          <div>
            <strong>{codesLeft === 0 ? t.noCodes : t.codesLeft(codesLeft)}</strong>
          </div>
        </li>
      </ul>
      <Notice tone="bad">{error}</Notice>
      <Button look="plain" busy={busy} onPress={() => run(() => doFresh(make, app))}>
        {codesLeft === 0 ? t.makeCodes : t.makeNewCodes}
      </Button>
    </section>
  );
}

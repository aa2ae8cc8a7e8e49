import { useEffect } from 'preact/hooks';
import type { ContactKind } from '../../account.ts';
import { useApp } from '../../app.tsx';
import { redirect } from '../../router.tsx';
import { Session } from '../../sdk.ts';
import { useAction } from '../../ui/action.ts';
import { AskForContact } from './ask-for-contact.tsx';
import { ProveContact } from './prove-contact.tsx';

/** Another address or number for the account: asked for, then proven by its code. */
export function ChangeContact() {
  const { memory } = useApp();
  const { run } = useAction();
  const kind: ContactKind = new URLSearchParams(location.search).get('kind') === 'phone' ? 'phone' : 'email';
  useEffect(() => {
    run(async () => ((await Session.doesSessionExist()) ? undefined : redirect('/')));
  }, []);
  return memory.change?.kind === kind ? <ProveContact change={memory.change} /> : <AskForContact kind={kind} />;
}

import { useState } from 'preact/hooks';
import { type ContactKind, requestContactChange } from '../../account.ts';
import { type App, useApp } from '../../app.tsx';
import { plainPhone } from '../../flow/passwordless.ts';
import { doFresh } from '../../flow/stale.ts';
import { Told } from '../../flow/told.ts';
import { inOurWords } from '../../i18n/service-texts.ts';
import { go, redirect } from '../../router.tsx';
import { statusOf } from '../../service.ts';
import { useAction } from '../../ui/action.ts';
import { Button } from '../../ui/button.tsx';
import { Field } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';

/** Has a code sent there, and comes back to this page's next step, also from a proof in between. */
async function send(kind: ContactKind, contact: string, { t, memory }: App): Promise<void> {
  const reply = await requestContactChange(kind, contact).catch((refusal: unknown) => {
    throw statusOf(refusal) === 400 ? new Told(t.nothingToChange) : refusal;
  });
  if (reply.status !== 'OK') throw new Told(inOurWords(reply.formFields[0]!.error, t));
  const { deviceId, preAuthSessionId } = reply;
  memory.change = { kind, shownTo: contact, deviceId, preAuthSessionId };
  redirect('/contact', { kind });
}

export function AskForContact({ kind }: { readonly kind: ContactKind }) {
  const app = useApp();
  const { t } = app;
  const { run, busy, error } = useAction();
  const [typed, setTyped] = useState('');
  const isMail = kind === 'email';
  const contact = isMail ? typed.trim() : plainPhone(typed);
  return (
    <Page title={isMail ? t.changeMail : t.changePhone} lead={t.changeContactText}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) run(() => doFresh(() => send(kind, contact, app), app));
        }}
      >
        <Field
          name="contact"
          label={isMail ? t.newMail : t.newPhone}
          hint={isMail ? undefined : t.phoneHint}
          input={{
            ...(isMail ? { type: 'email', autocomplete: 'email' } : { type: 'tel', autocomplete: 'tel' }),
            required: true,
            onInput: (event) => setTyped(event.currentTarget.value),
          }}
        />
        <Notice tone="bad">{error}</Notice>
        <Button busy={busy}>{t.verify}</Button>
      </form>
      <Button look="plain" onPress={() => go('/settings')}>
        {t.cancel}
      </Button>
    </Page>
  );
}

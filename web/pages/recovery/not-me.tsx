import { disown } from '../../account.ts';
import { useApp } from '../../app.tsx';
import { WasItYou } from './was-it-you.tsx';

/** For the reader of a notice: "this was not me". */
export function NotMe() {
  const { t } = useApp();
  return (
    <WasItYou
      text={t.disownText}
      effects={[t.allOut, t.passwordOut, t.addedOut]}
      action={t.disown}
      done={t.disowned}
      act={disown}
    />
  );
}

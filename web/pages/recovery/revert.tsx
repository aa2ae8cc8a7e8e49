import { revertChange } from '../../account.ts';
import { useApp } from '../../app.tsx';
import { WasItYou } from './was-it-you.tsx';

/** For the reader of an address that a change left behind: "this was not me". */
export function Revert() {
  const { t } = useApp();
  return (
    <WasItYou
      text={t.notMeText}
      effects={[t.earlierCounts, t.allOut, t.passwordOut]}
      action={t.takeBack}
      done={t.takenBack}
      act={revertChange}
    />
  );
}

/**
 * What nearly every page uses, in one file on the way: `page.tsx` brings it along. Left to itself the bundler makes a file
 * of what any two pages share, and twenty small files weigh more than a middling one.
 */
/* oxlint-disable import/no-unassigned-import -- that they are imported is the point */
import './action.ts';
import './button.tsx';
import './code-form.tsx';
import './field.tsx';
import './notice.tsx';
import './sign-out.tsx';
import './step-up.tsx';
import '../flow/go-on.ts';
import '../flow/proceed.ts';
import '../flow/stale.ts';
import '../i18n/service-texts.ts';

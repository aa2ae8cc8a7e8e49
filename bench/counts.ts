import { logIn, MFA_LOGIN, STEPS, type Step } from './login.ts';
import { type Flow, together } from './requests.ts';
import type { Row } from './rows.ts';
import type { Service } from './service-process.ts';

/** @see design.md §8 */
export const REQUEST_BOUNDS = { requests: 16, waves: 9, refresh: 2, check: 0 } as const;

/** What a login, a refresh and a session check ask of DynamoDB, once configuration and keys are cached. */
export async function countRows(service: Service): Promise<readonly Row[]> {
  const [first = '', second = ''] = await service.users(2);
  await logIn(service, first, false);

  const enrolling = await logIn(service, second, true);
  const returning = await logIn(service, second, true);
  const check = await returning.page.me();
  const flow = (step: Step): Flow => returning.steps[step].flow;
  return [
    ...loginRows('first MFA login (enrols)', (step) => enrolling.steps[step].flow),
    ...loginRows('returning MFA login', flow),
    {
      what: 'refresh, requests',
      value: flow('refresh').requests,
      unit: '',
      bound: REQUEST_BOUNDS.refresh,
      note: told(flow('refresh')),
    },
    { what: 'session check, requests', value: check.measured.flow.requests, unit: '', bound: REQUEST_BOUNDS.check },
    { what: 'mfa/info, requests', value: flow('mfa/info').requests, unit: '', note: told(flow('mfa/info')) },
  ];
}

function loginRows(what: string, flow: (step: Step) => Flow): readonly Row[] {
  const whole = together(MFA_LOGIN.map(flow));
  const steps = STEPS.filter((step) => (MFA_LOGIN as readonly Step[]).includes(step));
  const each = (of: (flow: Flow) => number) => steps.map((step) => `${step} ${of(flow(step))}`).join(', ');
  return [
    {
      what: `${what}, requests`,
      value: whole.requests,
      unit: '',
      bound: REQUEST_BOUNDS.requests,
      note: `${each(({ requests }) => requests)}; ${units(whole)}`,
    },
    {
      what: `${what}, waves`,
      value: whole.waves,
      unit: '',
      bound: REQUEST_BOUNDS.waves,
      note: each(({ waves }) => waves),
    },
  ];
}

const units = ({ reads, writes }: Flow): string => `${reads} read and ${writes} write units`;

const told = (flow: Flow): string => `in ${flow.waves} ${flow.waves === 1 ? 'wave' : 'waves'}; ${units(flow)}`;

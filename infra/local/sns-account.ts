import { randomUUID } from 'node:crypto';
import type { LocalAccount } from './account.ts';
import { escapeHtml } from './html.ts';
import type { Reply } from './reply.ts';
import { NAMESPACE, xml } from './sns.ts';

/** What SNS answers when it is asked about SMS in this account; undefined: not such a question. */
export function snsAccountReply(form: URLSearchParams, account: LocalAccount): Reply | undefined {
  const action = form.get('Action') ?? '';
  const result = RESULTS[action]?.(account);
  if (result === undefined) return undefined;
  return xml(
    200,
    `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result>` +
      `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
  );
}

const RESULTS: Readonly<Record<string, (account: LocalAccount) => string>> = {
  GetSMSSandboxAccountStatus: ({ smsSandbox }) => `<IsInSandbox>${smsSandbox}</IsInSandbox>`,
  GetSMSAttributes: ({ smsMonthlySpend }) =>
    `<attributes>${smsMonthlySpend === undefined ? '' : entry('MonthlySpendLimit', String(smsMonthlySpend))}</attributes>`,
  ListOriginationNumbers: ({ originationNumbers }) =>
    `<PhoneNumbers>${originationNumbers.map(({ country, status }) => numberOf(country, status)).join('')}</PhoneNumbers>`,
};

const entry = (key: string, value: string): string =>
  `<entry><key>${escapeHtml(key)}</key><value>${escapeHtml(value)}</value></entry>`;

const numberOf = (country: string, status: string): string =>
  `<member><Iso2CountryCode>${escapeHtml(country)}</Iso2CountryCode><Status>${escapeHtml(status)}</Status></member>`;

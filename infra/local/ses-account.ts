import type { LocalAccount } from './account.ts';
import { json, type Reply } from './reply.ts';

const ACCOUNT = '/v2/email/account';
const IDENTITY = /^\/v2\/email\/identities\/([^/?]+)$/;
const SUPPRESSED = /^\/v2\/email\/suppression\/addresses(\?|$)/;

/** What SES v2 answers when it is asked about the account, a sender or its suppression list; undefined: not such a question. */
export function sesAccountReply(method: string, url: string, account: LocalAccount): Reply | undefined {
  if (method !== 'GET') return undefined;
  if (url === ACCOUNT) return json(200, accountOf(account));
  const identity = IDENTITY.exec(url)?.[1];
  if (identity !== undefined) return identityReply(decodeURIComponent(identity), account);
  if (!SUPPRESSED.test(url)) return undefined;
  const summaries = account.suppressed.map((address) => ({
    EmailAddress: address,
    Reason: 'BOUNCE',
    LastUpdateTime: Math.floor(Date.now() / 1000),
  }));
  return json(200, { SuppressedDestinationSummaries: summaries });
}

const accountOf = (account: LocalAccount) => ({
  ProductionAccessEnabled: account.mailProduction,
  SendingEnabled: account.mailEnabled,
  EnforcementStatus: account.mailEnforcement,
  SendQuota: { Max24HourSend: account.mailsPerDay, MaxSendRate: 14, SentLast24Hours: account.mailsSent },
  SuppressionAttributes: { SuppressedReasons: account.suppressedReasons },
});

function identityReply(name: string, { identities }: LocalAccount): Reply {
  const state = identities === undefined ? { verified: true, dkim: 'SUCCESS' } : identities[name];
  if (state === undefined) {
    const headers = { 'x-amzn-errortype': 'NotFoundException' };
    return json(404, { message: `Email identity ${name} does not exist.` }, headers);
  }
  return json(200, {
    IdentityType: name.includes('@') ? 'EMAIL_ADDRESS' : 'DOMAIN',
    VerifiedForSendingStatus: state.verified,
    DkimAttributes: { SigningEnabled: true, Status: state.dkim },
  });
}

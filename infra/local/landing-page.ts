import { escapeHtml, type Page } from './html.ts';

export type LandingInfo = {
  /** What browsers see, without a trailing slash. */
  readonly baseUrl: string;
  readonly dynamodb: string;
  readonly tableName: string;
  /** Where the data is kept, as a phrase: `in memory`. */
  readonly keptIn: string;
  readonly hasSample: boolean;
};

export const SAMPLE_PASSWORD = 'correct horse battery staple';

/** Who the sample data holds. One place, so that the page and the terminal say the same. */
export const SAMPLE_ACCOUNTS = [
  { email: 'admin@example.com', note: 'role admin: signs in with a code by email as second factor' },
  { email: 'user@example.com', note: 'signs in with the password alone, until a second factor is switched on' },
] as const;

/** A sign-in to paste into a terminal. */
export const signInCommand = (baseUrl: string): string =>
  `curl -i ${baseUrl}/auth/signin -H 'content-type: application/json' -H 'rid: emailpassword' -H 'st-auth-mode: header' \\
  -d '{"formFields":[{"id":"email","value":"${SAMPLE_ACCOUNTS[0].email}"},{"id":"password","value":"${SAMPLE_PASSWORD}"}]}'`;

/** What runs where, for a person who opened the address that the terminal printed. */
export function landingPage(info: LandingInfo): Page {
  return {
    title: 'Stepgate, local run',
    body: `<main class="page">
<header><h1>Stepgate is running</h1></header>
<p class="lead">Sign-in that asks for a second factor exactly where a policy says so. Everything below runs on this
machine; no mail and no text message leaves it.</p>
<section class="card"><h2>Where things are</h2><dl>
<dt>Pages</dt><dd><a href="/">Sign in</a> <span class="soft small">and everything that people see after it</span></dd>
<dt>API</dt><dd><code>${escapeHtml(info.baseUrl)}/auth</code></dd>
<dt>Inbox</dt><dd><a href="/__local/inbox">Open the inbox</a> <span class="soft small">every mail and SMS that is sent</span></dd>
<dt>Admin API</dt><dd><code>${escapeHtml(info.baseUrl)}/admin</code> <span class="soft small">from this machine only</span></dd>
<dt>DynamoDB</dt><dd><code>${escapeHtml(info.dynamodb)}</code>
<span class="soft small">table ${escapeHtml(info.tableName)}, ${escapeHtml(info.keptIn)}</span></dd>
</dl></section>
${info.hasSample ? sampleCards(info.baseUrl) : ''}
</main>`,
  };
}

function sampleCards(baseUrl: string): string {
  const accounts = SAMPLE_ACCOUNTS.map(
    ({ email, note }) => `<dt><code>${email}</code></dt><dd class="small">${note}</dd>`,
  );
  return `<section class="card"><h2>Sample accounts</h2>
<dl>${accounts.join('')}<dt>Password</dt><dd><code>${SAMPLE_PASSWORD}</code></dd></dl></section>
<section class="card"><h2>Try it</h2><pre>${escapeHtml(signInCommand(baseUrl))}</pre></section>`;
}

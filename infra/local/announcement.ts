import { SAMPLE_ACCOUNTS, SAMPLE_PASSWORD, signInCommand, type LandingInfo } from './landing-page.ts';

/** What the terminal shows once everything runs. */
export function announcement(info: LandingInfo): string {
  const lines = [
    '',
    `Stepgate is running at ${info.baseUrl}`,
    '',
    row('Pages', `${info.baseUrl}/`),
    row('Overview', `${info.baseUrl}/__local/`),
    row('API', `${info.baseUrl}/auth`),
    row('Inbox', `${info.baseUrl}/__local/inbox   every mail and SMS, also as JSON`),
    row('Admin API', `${info.baseUrl}/admin   from this machine only`),
    row('DynamoDB', `${info.dynamodb}   table ${info.tableName}, ${info.keptIn}`),
    ...(info.hasSample ? sampleLines(info.baseUrl) : []),
    '',
    'Ctrl-C stops.',
    '',
  ];
  return lines.join('\n');
}

const row = (name: string, value: string): string => `  ${name.padEnd(20)}${value}`;

const sampleLines = (baseUrl: string): readonly string[] => [
  '',
  `Sample accounts, password "${SAMPLE_PASSWORD}":`,
  ...SAMPLE_ACCOUNTS.map(({ email, note }) => row(email, note)),
  '',
  'Try:',
  ...signInCommand(baseUrl)
    .split('\n')
    .map((line) => `  ${line}`),
];

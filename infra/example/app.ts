import { buildFunctions } from '../build.ts';
import { exampleApp, HANDLERS } from './stack.ts';

// cdk deploy --app 'node infra/example/app.ts'
await buildFunctions();
await buildFunctions(HANDLERS);
const { MAIL_FROM: mailFrom = 'no-reply@example.com', TWILIO_ACCOUNT_SID: accountSid } = process.env;
const twilio = accountSid === undefined ? undefined : { accountSid, ...twilioFrom(process.env) };
exampleApp({ mailFrom, twilio }).app.synth();

function twilioFrom(env: NodeJS.ProcessEnv) {
  const { TWILIO_MESSAGING_SERVICE_SID: messagingServiceSid = '', TWILIO_SECRET_NAME: secretName = 'twilio' } = env;
  return { messagingServiceSid, secretName };
}

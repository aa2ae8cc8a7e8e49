import { buildFunctions } from '../build.ts';
import { exampleApp, HANDLERS } from './stack.ts';

// cdk deploy --app 'node infra/example/app.ts'
await buildFunctions();
await buildFunctions(HANDLERS);
exampleApp({ mailFrom: process.env['MAIL_FROM'] ?? 'no-reply@example.com' }).app.synth();

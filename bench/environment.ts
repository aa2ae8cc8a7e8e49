import type { ConfigInput } from '../shared/config.ts';

/** The functions' whole environment: what the stack sets, and what Lambda adds. Names nothing that exists. */
export const environment = {
  TABLE_NAME: 'stepgate',
  KMS_KEY_ID: 'arn:aws:kms:eu-central-1:123456789012:key/00000000-0000-4000-8000-000000000000',
  PUBLIC_URL: 'https://auth.example.com',
  ANTI_CSRF: 'NONE',
  MAIL_FROM: 'Stepgate <no-reply@example.com>',
  SES_CONFIGURATION_SET: '',
  SMS_COUNTRIES: 'HU,DE',
  APP_NAME: 'Stepgate',
} satisfies ConfigInput;

export const lambdaEnvironment = {
  ...environment,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_SESSION_TOKEN: 'bench',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  TZ: ':UTC',
  LANG: 'en_US.UTF-8',
};

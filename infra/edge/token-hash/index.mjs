// The SDK is the Lambda runtime's own: this runs at deployments only, and no package is uploaded for it.
// oxlint-disable-next-line import/no-unresolved
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { answer } from './answer.mjs';

const client = new SecretsManagerClient({});
const readSecret = async (SecretId) => (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;

export const handler = (event) => answer(event, readSecret);

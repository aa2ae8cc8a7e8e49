import { createHash } from 'node:crypto';

/**
 * Answers CloudFormation: SHA-256 of each secret in `SecretArns`, in hex, joined by commas, as `Hashes`.
 *
 * The tokens themselves are neither logged nor handed on. Whatever goes wrong is an answer too, or the deployment
 * would wait an hour for one.
 */
export async function answer(event, readSecret) {
  const told = {
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
    PhysicalResourceId: 'edge-token-hashes',
  };
  try {
    const arns = event.RequestType === 'Delete' ? [] : event.ResourceProperties.SecretArns;
    const secrets = await Promise.all(arns.map(readSecret));
    const Hashes = secrets.map((secret) => createHash('sha256').update(secret).digest('hex')).join(',');
    await tell(event.ResponseURL, { ...told, Status: 'SUCCESS', Data: { Hashes } });
  } catch (error) {
    const Reason = error instanceof Error ? error.name : 'Error';
    await tell(event.ResponseURL, { ...told, Status: 'FAILED', Reason });
  }
}

/** The address is signed for an empty content type. */
async function tell(url, body) {
  const response = await fetch(url, { method: 'PUT', headers: { 'content-type': '' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`CloudFormation took no answer: ${response.status}`);
}

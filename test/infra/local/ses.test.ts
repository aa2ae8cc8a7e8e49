import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { beforeEach, describe, expect, it } from 'vitest';
import { useAws } from '../../support/aws.ts';

const aws = useAws();
const ses = () => new SESv2Client({ maxAttempts: 1 });

const mail = (to: string, from = 'Stepgate <no-reply@example.com>') =>
  new SendEmailCommand({
    FromEmailAddress: from,
    Destination: { ToAddresses: [to] },
    Content: {
      Simple: {
        Subject: { Data: 'Your code' },
        Body: { Text: { Data: 'Your code is 012345.' }, Html: { Data: '<b>012345</b>' } },
      },
    },
    EmailTags: [
      { Name: 'purpose', Value: 'second-factor' },
      { Name: 'preAuthSessionId', Value: 'a-b_c' },
    ],
  });

beforeEach(() => aws.inbox().clear());

describe('SES SendEmail', () => {
  it('puts a mail into the inbox, whole, with what its tags say', async () => {
    const { MessageId, $metadata } = await ses().send(mail('Ada <ada@example.com>'));
    expect($metadata.requestId).toBeDefined();
    expect(aws.inbox().messages()).toEqual([
      {
        id: MessageId,
        channel: 'email',
        to: 'ada@example.com',
        subject: 'Your code',
        text: 'Your code is 012345.',
        html: '<b>012345</b>',
        sentAt: expect.any(Number),
        purpose: 'second-factor',
        preAuthSessionId: 'a-b_c',
        code: '012345',
      },
    ]);
  });

  it.each([
    ['bounce@example.com', 'MessageRejected', 400],
    ['Bounce+1@example.com', 'MessageRejected', 400],
    ['throttle@example.com', 'TooManyRequestsException', 429],
    ['nobody', 'BadRequestException', 400],
    ['a@b@example.com', 'BadRequestException', 400],
  ])('refuses %s with %s', async (to, name, httpStatusCode) => {
    await expect(ses().send(mail(to))).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
    expect(aws.inbox().messages()).toEqual([]);
  });

  it('refuses a sender that is not a mail address', async () => {
    await expect(ses().send(mail('ada@example.com', 'Stepgate'))).rejects.toMatchObject({
      name: 'BadRequestException',
    });
  });

  it('delivers to slow addresses and leaves the caller waiting', async () => {
    const sending = ses().send(mail('slow@example.com'), { abortSignal: AbortSignal.timeout(300) });
    await expect(sending).rejects.toMatchObject({ name: 'AbortError' });
    expect(aws.inbox().messages()).toHaveLength(1);
  });

  it('fails the next requests as it is told, and only those', async () => {
    aws.failNext('ses', 'AccountSuspendedException', 2);
    for (const _ of [1, 2])
      await expect(ses().send(mail('ada@example.com'))).rejects.toMatchObject({ name: 'AccountSuspendedException' });
    await ses().send(mail('ada@example.com'));
    expect(aws.inbox().messages()).toHaveLength(1);
  });

  it('lets the SDK try again after throttling', async () => {
    aws.failNext('ses', 'TooManyRequestsException');
    await expect(new SESv2Client({}).send(mail('ada@example.com'))).resolves.toMatchObject({
      $metadata: { attempts: 2 },
    });
  });
});

import { ListTopicsCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, it } from 'vitest';
import { useAws } from '../../support/aws.ts';

const aws = useAws();
const sns = () => new SNSClient({ maxAttempts: 1 });

const text = (PhoneNumber: string, Message = 'Your code is 012345 <&>') =>
  new PublishCommand({
    PhoneNumber,
    Message,
    MessageAttributes: {
      'AWS.SNS.SMS.SMSType': { DataType: 'String', StringValue: 'Transactional' },
      'stepgate.purpose': { DataType: 'String', StringValue: 'second-factor' },
      'stepgate.preAuthSessionId': { DataType: 'String', StringValue: 'a-b_c' },
    },
  });

beforeEach(() => aws.inbox().clear());

describe('SNS Publish', () => {
  it('puts a text message into the inbox, whole, with what its attributes say', async () => {
    const { MessageId, $metadata } = await sns().send(text('+36301234567'));
    expect($metadata.requestId).toBeDefined();
    expect(aws.inbox().messages('+36301234567')).toEqual([
      {
        id: MessageId,
        channel: 'sms',
        to: '+36301234567',
        subject: '',
        text: 'Your code is 012345 <&>',
        html: '',
        sentAt: expect.any(Number),
        purpose: 'second-factor',
        preAuthSessionId: 'a-b_c',
        code: '012345',
      },
    ]);
  });

  it.each([
    ['+36301230000', 'InvalidParameterException'],
    ['+36301231111', 'OptedOutException'],
    ['06301234567', 'InvalidParameterException'],
    ['+0630123456', 'InvalidParameterException'],
  ])('refuses %s with %s', async (number, name) => {
    await expect(sns().send(text(number))).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
    expect(aws.inbox().messages()).toEqual([]);
  });

  it('refuses a message that is empty or too long', async () => {
    for (const message of ['', 'x'.repeat(1601)])
      await expect(sns().send(text('+36301234567', message))).rejects.toMatchObject({
        name: 'InvalidParameterException',
      });
  });

  it('fails the next request as it is told', async () => {
    aws.failNext('sns', 'Throttling');
    await expect(sns().send(text('+36301234567'))).rejects.toMatchObject({ Code: 'Throttling' });
    await sns().send(text('+36301234567'));
  });

  it('knows no other action', async () => {
    await expect(sns().send(new ListTopicsCommand({}))).rejects.toMatchObject({ Code: 'InvalidAction' });
  });
});

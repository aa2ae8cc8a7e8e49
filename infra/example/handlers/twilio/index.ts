import { secretFrom, twilioSender } from '../twilio.ts';

const { TWILIO_ACCOUNT_SID = '', TWILIO_MESSAGING_SERVICE_SID = '', TWILIO_SECRET_ARN = '' } = process.env;

export const handler = twilioSender({
  accountSid: TWILIO_ACCOUNT_SID,
  messagingServiceSid: TWILIO_MESSAGING_SERVICE_SID,
  authToken: secretFrom(process.env, TWILIO_SECRET_ARN),
});

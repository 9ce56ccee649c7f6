export const AUTH_TOKEN = 'test-auth-token-0123456789abcdef';
export const MESSAGE_SID = 'SM0123456789abcdef0123456789abcdef';
export const CALL_SID = 'CA0123456789abcdef0123456789abcdef';

/** The parameters of an inbound text, as Twilio sends them to a toll-free number. */
export const TEXT_FORM = {
  ToCountry: 'US',
  ToState: '',
  SmsMessageSid: MESSAGE_SID,
  NumMedia: '0',
  ToCity: '',
  FromZip: '94103',
  SmsSid: MESSAGE_SID,
  FromState: 'CA',
  SmsStatus: 'received',
  FromCity: 'SAN FRANCISCO',
  Body: 'Do you open on Sunday?',
  FromCountry: 'US',
  To: '+14155550100',
  MessagingServiceSid: 'MG0123456789abcdef0123456789abcdef',
  ToZip: '',
  NumSegments: '1',
  MessageSid: MESSAGE_SID,
  AccountSid: 'AC0123456789abcdef0123456789abcdef',
  From: '+14155550123',
  ApiVersion: '2010-04-01',
};

export const CALL_FORM = {
  CallSid: CALL_SID,
  AccountSid: 'AC0123456789abcdef0123456789abcdef',
  From: '+14155550123',
  To: '+14155550100',
  CallStatus: 'ringing',
  Direction: 'inbound',
  ApiVersion: '2010-04-01',
};

/** What Twilio's runtime tells `/sms` when it is hosted, with the variable that names the backend. */
export function hostedContext(baseUrl: string): Record<string, unknown> {
  return { DOMAIN_NAME: 'fikiri-1234.twil.io', PATH: '/sms', AUTH_TOKEN, FIKIRI_BASE_URL: baseUrl };
}

// An inbound text as Twilio's runtime hands it to a Function, and the POST that delivers it.
const MESSAGE_SID = 'SM0123456789abcdef0123456789abcdef';
const AUTH_TOKEN = 'bench-auth-token-0123456789abcdef';

const FORM = {
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
  Body: 'Do you open on Sunday? My daughter’s appointment was moved, and I can’t come before 10:30 🙂',
  FromCountry: 'US',
  To: '+18553894992',
  MessagingServiceSid: 'MG0123456789abcdef0123456789abcdef',
  ToZip: '',
  NumSegments: '2',
  MessageSid: MESSAGE_SID,
  AccountSid: 'AC0123456789abcdef0123456789abcdef',
  From: '+14155550123',
  ApiVersion: '2010-04-01',
};

/** The event of one text: Twilio's parameters, and what the runtime adds. */
exports.event = () => ({ request: { headers: {}, cookies: {} }, ...FORM });

/** The context of a hosted Function. */
exports.hostedContext = (fikiriBaseUrl) => ({
  DOMAIN_NAME: 'fikiri-1234.twil.io',
  PATH: '/sms',
  AUTH_TOKEN,
  FIKIRI_BASE_URL: fikiriBaseUrl,
});

/** The delivery of that text, ready to be posted. */
exports.signedPost = (fikiriBaseUrl) => {
  const url = `${fikiriBaseUrl}/api/webhooks/twilio/sms`;
  const { hostname, port, pathname } = new URL(url);
  const body = new URLSearchParams(FORM).toString();
  return {
    address: { hostname, port, path: pathname },
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'Content-Length': body.length,
      'X-Twilio-Signature': Twilio.getExpectedTwilioSignature(AUTH_TOKEN, url, FORM),
      'Idempotency-Key': MESSAGE_SID,
    },
    body,
  };
};

import { randomBytes } from 'node:crypto';

/** Who texts and calls where a command only pretends; log lines show it as `+1******0123`. */
export const EXAMPLE_SENDER = '+14155550123';

/** Whose number received the text or the call, and from whom. */
export interface Parties {
  accountSid: string;
  from: string;
  to: string;
}

/** The parameters of an inbound message as Twilio sends them, with a new MessageSid. */
export function makeMessageForm(
  parties: Parties,
  body: string,
  mediaUrls: string[] = [],
): Record<string, string> {
  const sid = `${mediaUrls.length > 0 ? 'MM' : 'SM'}${randomBytes(16).toString('hex')}`;
  const form: Record<string, string> = {
    ToCountry: 'US',
    ToState: '',
    SmsMessageSid: sid,
    NumMedia: String(mediaUrls.length),
    ToCity: '',
    FromZip: '94105',
    SmsSid: sid,
    FromState: 'CA',
    SmsStatus: 'received',
    FromCity: 'SAN FRANCISCO',
    Body: body,
    FromCountry: 'US',
    To: parties.to,
    ToZip: '',
    NumSegments: '1',
    MessageSid: sid,
    AccountSid: parties.accountSid,
    From: parties.from,
    ApiVersion: '2010-04-01',
  };
  for (const [index, url] of mediaUrls.entries()) {
    form[`MediaUrl${index}`] = url;
    form[`MediaContentType${index}`] = 'image/jpeg';
  }
  return form;
}

/** The parameters of an inbound call as Twilio sends them, with a new CallSid. */
export function makeCallForm(parties: Parties): Record<string, string> {
  return {
    CallSid: `CA${randomBytes(16).toString('hex')}`,
    AccountSid: parties.accountSid,
    From: parties.from,
    Caller: parties.from,
    To: parties.to,
    Called: parties.to,
    CallStatus: 'ringing',
    Direction: 'inbound',
    ApiVersion: '2010-04-01',
  };
}

import { type Account, type MessagingService, newSid, type PhoneNumber } from './account';
import {
  askWithFallback,
  completeForm,
  type InboundOptions,
  type InboundResult,
  unanswered,
} from './inbound';
import { addMessage } from './messages';
import { findNumber } from './phone-numbers';

/** A text that somebody sends. */
export interface InboundText {
  from: string;
  to: string;
  body: string;
  numMedia?: number;
  /** Any other parameter of the form, e.g. `OptOutType`, or one to replace. */
  [parameter: string]: string | number | undefined;
}

/** Sends a text to a number of the account. */
export async function receiveText(
  account: Account,
  text: InboundText,
  options: InboundOptions,
): Promise<InboundResult & { messageSid: string }> {
  const { from, to, body, numMedia = 0, ...parameters } = text;
  const number = findNumber(account, to);
  const service = findMessagingService(account, number);
  const messageSid = String(parameters['MessageSid'] ?? newSid(numMedia > 0 ? 'MM' : 'SM'));
  const form = completeForm(parameters, {
    ToCountry: 'US',
    ToState: '',
    SmsMessageSid: messageSid,
    NumMedia: String(numMedia),
    ToCity: '',
    FromZip: '94105',
    SmsSid: messageSid,
    FromState: 'CA',
    SmsStatus: 'received',
    FromCity: 'SAN FRANCISCO',
    Body: body,
    FromCountry: 'US',
    To: to,
    ...(service ? { MessagingServiceSid: service.sid } : {}),
    ToZip: '',
    NumSegments: String(Math.max(1, Math.ceil(body.length / 160))),
    MessageSid: messageSid,
    AccountSid: account.sid,
    From: from,
    ApiVersion: '2010-04-01',
  });

  const ownWebhook = !service || service.use_inbound_webhook_on_number === true;
  // Neither the number's webhook nor the service's: Twilio does not even log the message.
  if (!ownWebhook && !service.inbound_request_url) return { messageSid, ...unanswered(form) };
  addMessage(account, {
    sid: messageSid,
    from,
    to,
    body,
    num_media: String(numMedia),
    num_segments: form['NumSegments'],
    messaging_service_sid: service?.sid ?? null,
  });
  account.media
    .filter(({ parent_sid }) => parent_sid === messageSid)
    .forEach((media, index) => {
      form[`MediaContentType${index}`] ??= String(media['content_type']);
      form[`MediaUrl${index}`] ??=
        `https://api.twilio.com/2010-04-01/Accounts/${account.sid}/Messages/${messageSid}/Media/${media.sid}`;
    });

  const result = ownWebhook
    ? number.sms_application_sid
      ? unanswered(form)
      : await askWithFallback(account, messageSid, form, options, [
          { url: number.sms_url, method: number.sms_method },
          { url: number.sms_fallback_url, method: number.sms_fallback_method },
        ])
    : await askWithFallback(account, messageSid, form, options, [
        { url: service.inbound_request_url, method: service.inbound_method },
        { url: service.fallback_url, method: service.fallback_method },
      ]);
  return { messageSid, ...result };
}

function findMessagingService(account: Account, number: PhoneNumber): MessagingService | undefined {
  const membership = account.servicePhoneNumbers.find(({ sid }) => sid === number.sid);
  return account.messagingServices.find(({ sid }) => sid === membership?.['service_sid']);
}

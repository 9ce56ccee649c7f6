import type { Form } from '../inbound/parse-inbound';
import type { MissingMessage } from './missing-messages';
import type { Operator } from './operator';

/**
 * The parameters of a text that did not arrive: as Twilio first sent them, else rebuilt from the Messages API;
 * undefined where neither has them any more.
 */
export async function recoverForm(
  operator: Operator,
  { messageSid, alertSid }: MissingMessage,
): Promise<Form | undefined> {
  const form = alertSid ? await orGone(readAlertForm(operator, alertSid)) : undefined;
  return form?.['MessageSid'] === messageSid ? form : orGone(rebuildForm(operator, messageSid));
}

/** Only an alert fetched by itself has its request's variables. */
async function readAlertForm({ client }: Operator, alertSid: string): Promise<Form> {
  const { requestVariables } = await client.monitor.v1.alerts(alertSid).fetch();
  const pairs = new URLSearchParams(requestVariables);
  const form: Form = {};
  for (const key of new Set(pairs.keys())) {
    const values = pairs.getAll(key);
    form[key] = values.length === 1 ? String(values[0]) : values;
  }
  return form;
}

/** What the Messages API still knows. It lacks what Twilio looks up on the way: FromCity, FromZip, OptOutType… */
async function rebuildForm({ client }: Operator, messageSid: string): Promise<Form> {
  const message = client.messages(messageSid);
  const { to, from, body, numMedia, numSegments, accountSid, messagingServiceSid, apiVersion } =
    await message.fetch();
  const form: Form = {
    SmsMessageSid: messageSid,
    NumMedia: numMedia,
    SmsSid: messageSid,
    SmsStatus: 'received',
    Body: body ?? '',
    To: to,
    NumSegments: numSegments,
    MessageSid: messageSid,
    AccountSid: accountSid,
    From: from,
    ApiVersion: apiVersion,
    ...(messagingServiceSid && { MessagingServiceSid: messagingServiceSid }),
  };
  const media = Number(numMedia) > 0 ? await message.media.list() : [];
  for (const [index, { uri, contentType }] of media.entries()) {
    form[`MediaUrl${index}`] = `https://api.twilio.com${uri.replace(/\.json$/, '')}`;
    form[`MediaContentType${index}`] = contentType;
  }
  return form;
}

async function orGone<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if ((error as { status?: number }).status === 404) return undefined;
    throw error;
  }
}

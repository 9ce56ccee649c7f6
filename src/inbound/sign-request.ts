import { type Fikiri, MESSAGE_WEBHOOK_PATH } from '../config';
import type { SignedRequest } from './attempt';
import type { Form, InboundMessage } from './parse-inbound';

/**
 * The request that delivers a message: its whole form, signed for Fikiri's URL with the account's Auth Token.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function signRequest(message: InboundMessage, fikiri: Fikiri): SignedRequest {
  const url = fikiri.origin + MESSAGE_WEBHOOK_PATH;
  const body = encodeForm(message.form);
  return {
    url: new URL(url),
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'Content-Length': body.length, // All ASCII, so characters are bytes.
      'X-Twilio-Signature': signForm(fikiri.authToken, url, message.form),
      ...(message.messageSid && { 'Idempotency-Key': message.messageSid }),
    },
    body,
  };
}

function encodeForm(form: Form): string {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(form)) {
    if (Array.isArray(value)) for (const each of value) pairs.append(key, each);
    else pairs.append(key, value);
  }
  return pairs.toString();
}

function signForm(authToken: string, url: string, form: Form): string {
  const params = { ...form };
  for (const [key, value] of Object.entries(form)) {
    if (Array.isArray(value)) params[key] = joinRepeated(key, value);
  }
  return Twilio.getExpectedTwilioSignature(authToken, url, params);
}

/**
 * A repeated key's values as twilio-python reads them: once each, in code point order. The Node SDK would sort
 * by UTF-16 unit, which puts an emoji before U+FF21 and makes a signature that Fikiri refuses.
 */
function joinRepeated(key: string, values: string[]): string {
  const inOrder = [...new Set(values)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return inOrder.join(key);
}

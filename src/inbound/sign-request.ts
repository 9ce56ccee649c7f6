import type { Fikiri } from '../config';
import type { SignedRequest } from './attempt';
import type { Form, InboundMessage } from './parse-inbound';

/**
 * The request that delivers a message: its whole form, signed for Fikiri's URL with the account's Auth Token.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function signRequest(message: InboundMessage, fikiri: Fikiri): SignedRequest {
  const { messageWebhook: url, authToken } = fikiri;
  const body = encodeForm(message.form);
  const headers = ['Host', url.host];
  headers.push('Content-Type', 'application/x-www-form-urlencoded; charset=UTF-8');
  headers.push('Content-Length', String(body.length)); // All ASCII, so characters are bytes.
  headers.push('X-Twilio-Signature', signForm(authToken, url.href, message.form));
  if (message.messageSid) headers.push('Idempotency-Key', message.messageSid);
  return { url, headers, body };
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
  const once = [...new Set(values)];
  return once.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).join(key);
}

import { randomUUID } from 'node:crypto';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks';
import type { HttpAnswer, HttpRequest } from './request';
import type { SendFailure } from './send-request';

/** A URL of a number or a Messaging Service with its method. */
export interface Webhook {
  url: string;
  method: string;
}

/** One request to a webhook or a fallback URL, and what came of it. */
export interface WebhookAttempt {
  /** Without the fragment, and without the query that a GET adds. */
  url: string;
  method: string;
  /** Null when there was no answer. */
  status: number | null;
  /** Null when Twilio can use the answer. `type` is a content type that is not TwiML's. */
  failure: 'ct' | 'rt' | '3xx' | '4xx' | '5xx' | 'type' | null;
  requestHeaders: Record<string, string>;
  responseHeaders: Record<string, string>;
  /** The body of the answer, or why there was none. */
  body: string;
}

/** Sends a request, giving it so many ms to connect and to be answered. */
export type Exchange = (
  request: HttpRequest,
  connectTimeoutMs: number,
  readTimeoutMs: number,
) => Promise<HttpAnswer | SendFailure>;

/**
 * Asks a webhook as Twilio does: signed, with the retries that the URL's fragment allows, in `totalMs` for all.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
export async function askWebhook(
  webhook: Webhook,
  form: Record<string, string>,
  authToken: string,
  totalMs: number,
  exchange: Exchange,
): Promise<WebhookAttempt[]> {
  const [url = '', fragment] = webhook.url.split('#');
  const overrides = new URLSearchParams(fragment);
  const retryOn = (overrides.get('rp') ?? 'ct').split(',');
  const limitMs = Number(overrides.get('tt') ?? totalMs);
  const request = signWebhook({ url, method: webhook.method }, form, authToken);

  const startedAt = performance.now();
  const leftMs = () => Math.min(limitMs, totalMs) - (performance.now() - startedAt);
  const attempts: WebhookAttempt[] = [];
  for (let retries = Number(overrides.get('rc') ?? 1); retries >= 0; retries -= 1) {
    const connectMs = Math.min(Number(overrides.get('ct') ?? 5000), leftMs());
    const readMs = Math.min(Number(overrides.get('rt') ?? 15_000), leftMs());
    const answer = await exchange(request, connectMs, readMs);
    const attempt = describeAttempt({ url, method: webhook.method }, request, answer);
    attempts.push(attempt);
    const isRetried = attempt.failure && (retryOn.includes(attempt.failure) || retryOn.includes('all'));
    if (!isRetried || leftMs() < 1) break;
  }
  return attempts;
}

function signWebhook({ url, method }: Webhook, form: Record<string, string>, authToken: string): HttpRequest {
  const encoded = new URLSearchParams(form).toString();
  const asked = method === 'GET' ? `${url}${url.includes('?') ? '&' : '?'}${encoded}` : url;
  return {
    method,
    url: asked,
    headers: {
      accept: '*/*',
      'user-agent': 'TwilioProxy/1.1',
      'i-twilio-idempotency-token': randomUUID(),
      'x-twilio-signature': getExpectedTwilioSignature(authToken, asked, method === 'GET' ? {} : form),
      ...(method === 'GET' ? {} : { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
    },
    body: Buffer.from(method === 'GET' ? '' : encoded),
  };
}

function describeAttempt(
  webhook: Webhook,
  request: HttpRequest,
  answer: HttpAnswer | SendFailure,
): WebhookAttempt {
  const common = { ...webhook, requestHeaders: request.headers };
  if ('failure' in answer) {
    return { ...common, status: null, failure: answer.failure, responseHeaders: {}, body: answer.error };
  }
  const { status, headers } = answer;
  const body = answer.body.toString();
  return { ...common, status, failure: failureOf(status, headers, body), responseHeaders: headers, body };
}

/** Twilio reads XML, HTML (as XML) and plain text; a redirect is not followed here. */
function failureOf(status: number, headers: Record<string, string>, body: string): WebhookAttempt['failure'] {
  if (status >= 500) return '5xx';
  if (status >= 400) return '4xx';
  if (status >= 300) return '3xx';
  const isReadable = /^((text|application)\/xml|text\/(html|plain)|audio\/)/.test(
    headers['content-type'] ?? '',
  );
  return isReadable || body === '' ? null : 'type';
}

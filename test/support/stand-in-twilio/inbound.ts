import type { Account } from './account';
import { addAlert } from './alerts';
import { askWebhook, type Exchange, type Webhook, type WebhookAttempt } from './webhook';

/** What became of an inbound text or call. */
export interface InboundResult {
  /** The form Twilio sent, or would have sent. */
  form: Record<string, string>;
  /** Of the last request; null when there was no answer, or no webhook. */
  status: number | null;
  /** What the sender or the caller gets; null when nothing was answered. */
  twiml: string | null;
  answeredBy: 'webhook' | 'fallback' | 'none';
  /** Every request, to the webhook first, then to the fallback URL. */
  attempts: WebhookAttempt[];
}

/** How webhooks are asked, and the time for one with its retries. */
export interface InboundOptions {
  totalMs: number;
  exchange: Exchange;
}

/** A URL as a number or a Messaging Service has it, set or not. */
export type Setting = { url: string | null; method: string | null };

/** Asks the webhook, and the fallback URL when that fails; a failure leaves an alert. */
export async function askWithFallback(
  account: Account,
  resourceSid: string,
  form: Record<string, string>,
  { totalMs, exchange }: InboundOptions,
  [webhook, fallback]: [Setting, Setting],
): Promise<InboundResult> {
  if (!webhook.url) return unanswered(form);
  const all: WebhookAttempt[] = [];
  const askOne = async ({ url, method }: Setting, parameters: Record<string, string>) => {
    const asked: Webhook = { url: url ?? '', method: method ?? 'POST' };
    const attempts = await askWebhook(asked, parameters, account.authToken, totalMs, exchange);
    all.push(...attempts);
    const last = attempts.at(-1);
    if (last?.failure) recordFailure(account, resourceSid, last, parameters);
    return last;
  };

  let last = await askOne(webhook, form);
  let answeredBy: InboundResult['answeredBy'] = last && !last.failure ? 'webhook' : 'none';
  if (last?.failure && fallback.url) {
    last = await askOne(fallback, { ...form, ErrorCode: errorCodeOf(last), ErrorUrl: last.url });
    if (last && !last.failure) answeredBy = 'fallback';
  }
  const twiml = answeredBy === 'none' ? null : (last?.body ?? null);
  return { form, status: last?.status ?? null, twiml, answeredBy, attempts: all };
}

function recordFailure(
  account: Account,
  resourceSid: string,
  attempt: WebhookAttempt,
  form: Record<string, string>,
): void {
  const code = errorCodeOf(attempt);
  const text = {
    ErrorCode: code,
    httpResponse: String(attempt.status ?? ''),
    url: attempt.url,
    LogLevel: 'ERROR',
  };
  addAlert(account, {
    alert_text: new URLSearchParams(text).toString(),
    error_code: code,
    resource_sid: resourceSid,
    request_url: attempt.url,
    request_method: attempt.method,
    request_variables: new URLSearchParams(form).toString(),
    request_headers: new URLSearchParams(attempt.requestHeaders).toString(),
    response_headers: new URLSearchParams(attempt.responseHeaders).toString(),
    response_body: attempt.status === null ? null : attempt.body,
  });
}

/** https://www.twilio.com/docs/api/errors/11200 and 12300, an invalid content type. */
function errorCodeOf(attempt: WebhookAttempt): string {
  return attempt.failure === 'type' ? '12300' : '11200';
}

/** Nobody was asked. */
export function unanswered(form: Record<string, string>): InboundResult {
  return { form, status: null, twiml: null, answeredBy: 'none', attempts: [] };
}

/** The form with other parameters in it, or other values. */
export function completeForm(
  parameters: Record<string, string | number | undefined>,
  form: Record<string, string>,
): Record<string, string> {
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) form[name] = String(value);
  }
  return form;
}

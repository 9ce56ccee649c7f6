import { getExpectedTwilioSignature, type RequestClient } from 'twilio';
import { OperatorError } from '../errors';
import type { Form } from '../inbound/parse-inbound';

/** The part of the SDK's HTTP client that webhooks need. */
export type Http = Pick<RequestClient, 'request'>;

/** How a webhook answered. */
export interface WebhookAnswer {
  status: number;
  body: string;
}

/** Posts a form as Twilio does; signed with the token, or unsigned without one. Throws OperatorError if unreachable. */
export async function postWebhook(
  http: Http,
  url: string,
  form: Form,
  authToken?: string,
): Promise<WebhookAnswer> {
  const headers: Record<string, string> = { 'Content-Type': 'application/x-www-form-urlencoded' };
  if (authToken) headers['X-Twilio-Signature'] = getExpectedTwilioSignature(authToken, url, form);
  try {
    const answer = await http.request({ method: 'post', uri: url, headers, data: form, timeout: 15_000 });
    return { status: answer.statusCode, body: String(answer.body) };
  } catch (error) {
    const remedy = /^http:\/\/localhost[:/]/.test(url) ? 'Start the Functions: npm start' : 'Is it running?';
    throw new OperatorError(`${url} did not answer: ${(error as Error).message}. ${remedy}`);
  }
}

import { RestException } from 'twilio';
import { OperatorError } from '../errors';

/** A failed request to Twilio as a fact and a remedy; undefined where the error is a defect of ours. */
export function explainError(error: unknown): string | undefined {
  if (error instanceof OperatorError) return error.message;
  if (error instanceof RestException) return explainStatus(error);
  const { isAxiosError, message } = error as { isAxiosError?: boolean; message?: string };
  if (isAxiosError) {
    return `Twilio was not reached: ${message}. Check the network, and HTTP_PROXY if there is one.`;
  }
  return undefined;
}

function explainStatus({ status, code, message }: RestException): string {
  const fact = `Twilio answered ${status}${code ? ` (error ${code})` : ''}: ${message}.`.replace('..', '.');
  if (status === 401) return `${fact} Check ACCOUNT_SID and AUTH_TOKEN in .env.`;
  if (status === 403) return `${fact} These credentials may not do this: use the account's own Auth Token.`;
  if (status === 404) return `${fact} It was removed meanwhile, or belongs to another account.`;
  if (status === 429) return `${fact} Too many requests: try again in a minute.`;
  if (status >= 500) return `${fact} Twilio has a problem: try again, and see https://status.twilio.com`;
  return fact;
}

import { HEALTH_PATH, MESSAGE_WEBHOOK_PATH, parseBaseUrl } from '../../config';
import type { Operator } from '../operator';
import { postWebhook } from '../post-webhook';
import { type Finding, finding } from './finding';

/** Whether Fikiri's backend is up, and refuses a text that Twilio did not sign. Leaves that one refusal in its log. */
export async function checkFikiri(operator: Operator): Promise<Finding[]> {
  const origin = parseBaseUrl(operator.variables['FIKIRI_BASE_URL']);
  return [await checkHealth(operator, origin), await checkRefusal(operator, origin)];
}

async function checkHealth({ http }: Operator, origin: string): Promise<Finding> {
  const url = origin + HEALTH_PATH;
  const remedy = "Texts wait until Fikiri is back: see its host's dashboard. Then: npm run replay";
  try {
    const { statusCode } = await http.request({ method: 'get', uri: url, timeout: 15_000 });
    return finding(statusCode === 200, 'Fikiri is up', `${url} answered ${statusCode}`, remedy);
  } catch (error) {
    const saw = `${url} did not answer: ${(error as Error).message}`;
    return finding(false, 'Fikiri is up', saw, `${remedy}. Or this machine has no network`);
  }
}

async function checkRefusal({ http }: Operator, origin: string): Promise<Finding> {
  const subject = 'Fikiri checks signatures';
  try {
    const { status } = await postWebhook(http, origin + MESSAGE_WEBHOOK_PATH, {}, 'not-the-auth-token');
    const remedy =
      status === 200
        ? 'It takes forged texts from anyone. Set TWILIO_AUTH_TOKEN in its environment'
        : 'Its webhook is not as expected. Check FIKIRI_BASE_URL, and its log';
    return finding(status === 403, subject, `a bad signature was answered ${status}`, remedy);
  } catch (error) {
    return finding(false, subject, (error as Error).message, 'Start Fikiri, then run npm run status again');
  }
}

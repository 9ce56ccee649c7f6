import { parsePhoneNumbers } from '../../config';
import type { Deployment } from '../find-deployment';
import type { Operator } from '../operator';
import { type Change, planAttachment, targetFunctions } from '../plan-attachment';
import { readWebhooks } from '../read-webhooks';
import { type Finding, finding, right } from './finding';

const TOLL_FREE = /^\+18(00|33|44|55|66|77|88)/;

/** Whether each number and its Messaging Service send texts and calls to the Functions. */
export async function checkNumbers(operator: Operator, deployment: Deployment): Promise<Finding[]> {
  const { client, variables } = operator;
  const webhooks = await readWebhooks(client, parsePhoneNumbers(variables));
  const target = targetFunctions(deployment);
  const changes = planAttachment(webhooks, target);

  const findings: Finding[] = [];
  for (const { sid, phoneNumber } of webhooks.numbers) {
    findings.push(
      compare(
        `number ${phoneNumber}`,
        changes.find((change) => change.sid === sid),
      ),
    );
    const service = webhooks.messagingServices.find(({ numberSids }) => numberSids.includes(sid));
    if (service) findings.push(checkService(service.resource, changes));
    if (TOLL_FREE.test(phoneNumber)) findings.push(await checkTollFree(operator, sid, phoneNumber));
  }
  if (!target.smsFallbackUrl) {
    const remedy =
      'A sender whose text fails gets no answer; the text is kept all the same. Run: npm run deploy';
    findings.push({ level: 'note', subject: 'fallback', saw: 'no asset deployed', remedy });
  }
  return findings;
}

function checkService(
  service: {
    sid: string;
    friendlyName: string;
    useInboundWebhookOnNumber: boolean;
    inboundRequestUrl: string | null;
  },
  changes: Change[],
): Finding {
  const subject = `Messaging Service "${service.friendlyName}"`;
  if (service.useInboundWebhookOnNumber) return right(subject, "defers to its numbers' webhooks");
  if (!service.inboundRequestUrl) {
    const remedy = 'Twilio drops its texts without a trace. Run at once: npm run attach';
    return finding(false, subject, 'has no webhook and does not defer to its numbers', remedy);
  }
  const change = changes.find(({ sid }) => sid === service.sid);
  return compare(subject, change, 'its own webhook is in force');
}

function compare(
  subject: string,
  change: Change | undefined,
  sawRight = 'every field as attach sets it',
): Finding {
  const fields = Object.entries(change?.fields ?? {}).map(
    ([field, { from }]) => `${field} is ${from || 'empty'}`,
  );
  const remedy = 'Texts or calls go elsewhere, or fail without a fallback. Run: npm run attach';
  return finding(fields.length === 0, subject, fields.join(', ') || sawRight, remedy);
}

async function checkTollFree({ client }: Operator, sid: string, phoneNumber: string): Promise<Finding> {
  const [verification] = await client.messaging.v1.tollfreeVerifications.list({
    tollfreePhoneNumberSid: sid,
    limit: 1,
  });
  const subject = `toll-free verification ${phoneNumber}`;
  if (verification?.status === 'TWILIO_APPROVED') return right(subject, verification.status);
  const remedy =
    'Replies are blocked (error 30032); texts to the number still arrive. Twilio Console > Regulatory Compliance';
  return { level: 'note', subject, saw: verification?.status ?? 'none submitted', remedy };
}

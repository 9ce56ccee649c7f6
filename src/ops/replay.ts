import { readDelivered } from './delivered-messages';
import type { Deployment } from './find-deployment';
import type { MissingMessage } from './missing-messages';
import type { Operator } from './operator';
import { postWebhook } from './post-webhook';
import { recoverForm } from './recover-form';

/** So many failures one after the other mean that Fikiri is down, not that these texts are odd. */
const MAX_FAILURES_IN_A_ROW = 3;

/** What became of one text; of one that was left or failed, why. */
export interface ReplayStep {
  message: MissingMessage;
  outcome: 'delivered' | 'failed' | 'left';
  reason?: string;
}

/**
 * Delivers texts through the deployed `/sms`, in the given order and at a steady pace, and yields what became of
 * each. Behind a text that failed, later ones of its sender are left: a START must not overtake the STOP before it.
 */
export async function* replay(
  operator: Operator,
  deployment: Deployment,
  messages: MissingMessage[],
  ratePerMinute: number,
  signal: AbortSignal,
): AsyncGenerator<ReplayStep> {
  const startedAt = operator.now();
  const failedSenders = new Set<string>();
  let failuresInARow = 0;
  let nextAt = startedAt.getTime();

  for (const message of messages) {
    if (signal.aborted) {
      yield { message, outcome: 'left', reason: 'interrupted' };
      continue;
    }
    if (failuresInARow === MAX_FAILURES_IN_A_ROW) {
      yield { message, outcome: 'left', reason: `stopped after ${MAX_FAILURES_IN_A_ROW} failures in a row` };
      continue;
    }
    const form = await recoverForm(operator, message);
    const sender = String(form['From']);
    if (failedSenders.has(sender)) {
      yield { message, outcome: 'left', reason: 'an earlier text of its sender failed' };
      continue;
    }
    await operator.sleep(Math.max(0, nextAt - operator.now().getTime()));
    nextAt = operator.now().getTime() + 60_000 / ratePerMinute;

    // Another replay may run at the same time: what it delivered since stands in the ledger.
    const sinceStart = { since: startedAt, until: operator.now() };
    if ((await readDelivered(operator, deployment, sinceStart)).has(message.messageSid)) {
      yield { message, outcome: 'delivered', reason: 'by another replay' };
      continue;
    }
    const url = `https://${deployment.domain}/sms`;
    const answer = await postWebhook(operator.http, url, form, operator.authToken);
    if (answer.status === 200) {
      failuresInARow = 0;
      yield { message, outcome: 'delivered' };
    } else {
      failuresInARow += 1;
      failedSenders.add(sender);
      const reason =
        /^Not delivered to Fikiri: (\w+)/.exec(answer.body)?.[1] ?? `status ${answer.status} of /sms`;
      yield { message, outcome: 'failed', reason };
    }
  }
}

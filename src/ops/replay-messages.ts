import type { Form } from '../inbound/parse-inbound';
import { readDelivered } from './delivered-messages';
import type { Deployment } from './find-deployment';
import type { MissingMessage } from './missing-messages';
import type { Operator } from './operator';
import { postWebhook } from './post-webhook';
import { recoverForm } from './recover-form';

/** So many failures one after the other mean that Fikiri is down, not that these texts are odd. */
const MAX_FAILURES_IN_A_ROW = 3;

/** Fikiri has read such a text and will never take it: it is up, and nothing may wait for this text. */
const REFUSED_FOR_GOOD = /^status_(400|413|415|422)$/;

/** The ledger is read this long before a text is due, so that reading it does not slow the pace. */
const LOOK_AHEAD_MS = 1000;

/** What became of one text; of one that was left or failed, why. */
export interface ReplayStep {
  message: MissingMessage;
  outcome: 'delivered' | 'failed' | 'left';
  reason?: string;
}

/** How a replay goes on. */
export interface ReplayOptions {
  ratePerMinute: number;
  /** Deliver also what the ledger has. */
  again: boolean;
  /** Ends it after the text that is on its way. */
  signal: AbortSignal;
}

/**
 * Delivers texts through the deployed `/sms`, in the given order and at a steady pace, and yields what became of
 * each. Behind a text that failed, later ones of its sender are left: a START must not overtake the STOP before it.
 */
export async function* replay(
  operator: Operator,
  deployment: Deployment,
  messages: MissingMessage[],
  { ratePerMinute, again, signal }: ReplayOptions,
): AsyncGenerator<ReplayStep> {
  const failedSenders = new Set<string>();
  let failuresInARow = 0;
  let readAt = operator.now();
  let nextAt = readAt.getTime();
  const interrupted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  const waitUntil = async (timeMs: number) => {
    const pauseMs = timeMs - operator.now().getTime();
    if (pauseMs > 0) await Promise.race([operator.sleep(pauseMs), interrupted]);
  };
  // Another replay may run at the same time: what it delivered since stands in the ledger.
  const deliveredSince = new Set<string>();
  const isDeliveredSince = async ({ messageSid }: MissingMessage) => {
    const since = readAt;
    readAt = operator.now();
    for (const each of await readDelivered(operator, deployment, since)) deliveredSince.add(each);
    return deliveredSince.has(messageSid);
  };

  for (const message of messages) {
    const leave = (reason: string): ReplayStep => ({ message, outcome: 'left', reason });
    if (failuresInARow === MAX_FAILURES_IN_A_ROW) {
      yield leave(`stopped after ${MAX_FAILURES_IN_A_ROW} failures in a row`);
      continue;
    }
    if (signal.aborted) {
      yield leave('interrupted');
      continue;
    }
    const form = await recoverForm(operator, message);
    if (!form) {
      yield { message, outcome: 'failed', reason: 'gone from Twilio' };
      continue;
    }
    const sender = String(form['From']);
    if (failedSenders.has(sender)) {
      yield leave('an earlier text of its sender failed');
      continue;
    }
    await waitUntil(nextAt - LOOK_AHEAD_MS);
    if (!again && (await isDeliveredSince(message))) {
      yield { message, outcome: 'delivered', reason: 'by another replay' };
      continue;
    }
    await waitUntil(nextAt);
    if (signal.aborted) {
      yield leave('interrupted');
      continue;
    }
    nextAt = operator.now().getTime() + 60_000 / ratePerMinute;

    const reason = await deliverAgain(operator, deployment, form);
    if (!reason || REFUSED_FOR_GOOD.test(reason)) failuresInARow = 0;
    else {
      failuresInARow += 1;
      failedSenders.add(sender);
    }
    yield reason ? { message, outcome: 'failed', reason } : { message, outcome: 'delivered' };
  }
}

/** Posts a text to the deployed `/sms`. Resolves to why it failed, or to undefined once Fikiri has it. */
async function deliverAgain(
  { http, authToken }: Operator,
  { domain }: Deployment,
  form: Form,
): Promise<string | undefined> {
  const { status, body } = await postWebhook(http, `https://${domain}/sms`, form, authToken);
  if (status === 200) return undefined;
  return /^Not delivered to Fikiri: (.+)/.exec(body)?.[1] ?? `status ${status} of /sms`;
}

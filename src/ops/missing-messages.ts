import { parsePhoneNumbers } from '../config';
import { readDelivered } from './delivered-messages';
import type { Deployment } from './find-deployment';
import type { Operator } from './operator';
import type { Period } from './period';

/** A text that reached the number and that Fikiri, by all that is known, does not have. */
export interface MissingMessage {
  messageSid: string;
  /** The alert that holds its form; undefined where Twilio kept none. */
  alertSid: string | undefined;
  receivedAt: Date;
}

interface FirstAlert {
  sid: string;
  generatedAt: Date;
}

/** What became of the texts of a period: MessageSids, and in `missing` what a replay delivers, oldest first. */
export interface Traffic {
  /** With an alert for our webhook: they failed at least once. The first alert of each. */
  failed: Map<string, FirstAlert>;
  /** In the Messages API; undefined where it was not asked. */
  received: Set<string> | undefined;
  /** With a delivered line, from the period's begin until now. */
  delivered: Set<string>;
  missing: MissingMessage[];
}

/**
 * Finds the texts that did not arrive: those with an alert and no delivered line; with `reconcile`, also those of
 * the Messages API that no alert tells of.
 */
export async function findTraffic(
  operator: Operator,
  deployment: Deployment,
  period: Period,
  reconcile: boolean,
): Promise<Traffic> {
  const alerts = await readAlerts(operator, deployment, period);
  const since = new Date(Math.max(period.since.getTime(), deployment.firstAt.getTime()));
  const received = reconcile ? await readReceived(operator, { ...period, since }) : new Map<string, Date>();
  // The ledger last: what is delivered while the others are read is not missing.
  const untilNow = { since: period.since, until: operator.now() };
  const delivered = await readDelivered(operator, deployment, untilNow);

  const missing: MissingMessage[] = [];
  for (const messageSid of new Set([...received.keys(), ...alerts.keys()])) {
    if (delivered.has(messageSid)) continue;
    const alert = alerts.get(messageSid);
    const receivedAt =
      received.get(messageSid) ?? (await fetchReceivedAt(operator, messageSid)) ?? alert?.generatedAt;
    missing.push({ messageSid, alertSid: alert?.sid, receivedAt: receivedAt ?? period.since });
  }
  missing.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime());
  return { failed: alerts, received: reconcile ? new Set(received.keys()) : undefined, delivered, missing };
}

/** One alert for each MessageSid, the first: it has the form as Twilio first sent it. Oldest first. */
async function readAlerts({ client }: Operator, { domain }: Deployment, { since, until }: Period) {
  const alerts = await client.monitor.v1.alerts.list({ startDate: since, endDate: until, pageSize: 1000 });
  const bySid = new Map<string, FirstAlert>();
  for (const { sid, resourceSid, requestUrl, dateGenerated } of alerts.reverse()) {
    const isOurs =
      /^(SM|MM)/.test(resourceSid ?? '') && requestUrl?.split(/[?#]/)[0] === `https://${domain}/sms`;
    if (isOurs && !bySid.has(resourceSid)) bySid.set(resourceSid, { sid, generatedAt: dateGenerated });
  }
  return bySid;
}

/** The inbound messages to our numbers with the time they came. Oldest first. */
async function readReceived(
  { client, variables }: Operator,
  { since, until }: Period,
): Promise<Map<string, Date>> {
  const received = new Map<string, Date>();
  for (const to of parsePhoneNumbers(variables)) {
    const dates = { dateSentAfter: since, dateSentBefore: until };
    const messages = await client.messages.list({ to, ...dates, pageSize: 1000 });
    for (const { sid, direction, dateSent, dateCreated } of messages.reverse()) {
      const at = dateSent ?? dateCreated;
      // Twilio filters by whole days.
      if (direction === 'inbound' && at >= since && at <= until) received.set(sid, at);
    }
  }
  return received;
}

/** When Twilio received it: alerts come in the order in which deliveries failed, texts must go in their own. */
async function fetchReceivedAt({ client }: Operator, messageSid: string): Promise<Date | undefined> {
  try {
    const { dateSent, dateCreated } = await client.messages(messageSid).fetch();
    return dateSent ?? dateCreated;
  } catch (error) {
    if ((error as { status?: number }).status === 404) return undefined; // Deleted since; its alert is enough.
    throw error;
  }
}

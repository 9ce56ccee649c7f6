import type { MessageInstance } from 'twilio/lib/rest/api/v2010/account/message';
import { parsePhoneNumbers } from '../config';
import { OperatorError } from '../errors';
import { readDelivered } from './delivered-messages';
import type { Deployment } from './find-deployment';
import type { Operator } from './operator';
import { DAY_MS, type Period } from './period';

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
  /** In the Messages API, since the first deployment. */
  received: Set<string>;
  /** With an alert for our webhook: they failed at least once. The first alert of each. */
  failed: Map<string, FirstAlert>;
  /** Received or failed, and with a delivered line by now. */
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
  { since, until }: Period,
  reconcile: boolean,
): Promise<Traffic> {
  const alerts = await readAlerts(operator, deployment, since);
  const listed = await readListed(operator, { since, until });
  // The ledger last: what is delivered while the others are read is not missing.
  const ledger = await readDelivered(operator, deployment, since);

  const failed = new Map([...alerts].filter(([, { generatedAt }]) => generatedAt <= until));
  const received = new Set<string>();
  for (const [messageSid, at] of listed) {
    if (at >= since && at >= deployment.firstAt && at <= until) received.add(messageSid);
  }
  // The list's order settles the order of texts that came in the same second.
  const inOrder = [...listed.keys()].filter((sid) => failed.has(sid) || received.has(sid));
  const known = new Set([...inOrder, ...failed.keys()]);
  const delivered = new Set([...known].filter((sid) => ledger.has(sid)));

  const missing: MissingMessage[] = [];
  for (const messageSid of known) {
    if (delivered.has(messageSid) || !(reconcile || failed.has(messageSid))) continue;
    const alert = alerts.get(messageSid);
    const receivedAt = listed.get(messageSid) ?? (await fetchReceivedAt(operator, messageSid));
    missing.push({ messageSid, alertSid: alert?.sid, receivedAt: receivedAt ?? alert?.generatedAt ?? since });
  }
  missing.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime());
  return { received, failed, delivered, missing };
}

/** Finds one text, delivered or not, however old its alert is. Throws OperatorError where Twilio has none. */
export async function findMessage(
  operator: Operator,
  deployment: Deployment,
  messageSid: string,
  since: Date,
): Promise<{ message: MissingMessage; isDelivered: boolean }> {
  const alert = (await readAlerts(operator, deployment, since)).get(messageSid);
  const receivedAt = (await fetchReceivedAt(operator, messageSid)) ?? alert?.generatedAt;
  if (!receivedAt) {
    throw new OperatorError(
      `${messageSid} is not a text this account received: Twilio has no such message, and no alert of it. Check the SID.`,
    );
  }
  const isDelivered = (await readDelivered(operator, deployment, since)).has(messageSid);
  return { message: { messageSid, alertSid: alert?.sid, receivedAt }, isDelivered };
}

/** One alert for each MessageSid, the first: it has the form as Twilio first sent it. Oldest first. */
async function readAlerts({ client }: Operator, { domain }: Deployment, since: Date) {
  const alerts = await client.monitor.v1.alerts.list({ startDate: since, pageSize: 1000 });
  const bySid = new Map<string, FirstAlert>();
  for (const { sid, errorCode, resourceSid, requestUrl, dateGenerated } of alerts.reverse()) {
    // 82004 and 82005 tell of a printed line: no form is in them.
    const isOurs =
      /^(SM|MM)/.test(resourceSid ?? '') &&
      requestUrl?.split(/[?#]/)[0] === `https://${domain}/sms` &&
      !/^8200[45]$/.test(errorCode);
    if (isOurs && !bySid.has(resourceSid)) bySid.set(resourceSid, { sid, generatedAt: dateGenerated });
  }
  return bySid;
}

/** The inbound messages to our numbers with the time they came, of the period and around it. Oldest first. */
async function readListed(
  { client, variables }: Operator,
  { since, until }: Period,
): Promise<Map<string, Date>> {
  // Twilio filters by days, and does not say whether the last one is whole: a day more on both sides.
  const dateSentAfter = new Date(since.getTime() - DAY_MS);
  const dateSentBefore = new Date(until.getTime() + DAY_MS);
  const listed = new Map<string, Date>();
  for (const to of parsePhoneNumbers(variables)) {
    const messages = await client.messages.list({ to, dateSentAfter, dateSentBefore, pageSize: 1000 });
    for (const message of messages.reverse()) {
      if (message.direction === 'inbound') listed.set(message.sid, receiptOf(message));
    }
  }
  return listed;
}

/** When Twilio received it: alerts come in the order in which deliveries failed, texts must go in their own. */
async function fetchReceivedAt({ client }: Operator, messageSid: string): Promise<Date | undefined> {
  try {
    const message = await client.messages(messageSid).fetch();
    return message.direction === 'inbound' ? receiptOf(message) : undefined;
  } catch (error) {
    if ((error as { status?: number }).status === 404) return undefined; // Deleted since, or never there.
    throw error;
  }
}

function receiptOf({ dateSent, dateCreated }: MessageInstance): Date {
  return dateSent ?? dateCreated;
}

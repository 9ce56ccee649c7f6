import { parseArgs } from 'node:util';
import type { Twilio } from 'twilio';
import { parseBaseUrl, parsePhoneNumbers } from '../../config';
import { OperatorError } from '../../errors';
import { explainError } from '../explain-error';
import { DEPLOYMENT_TO_COME, type Deployment, findDeployment, requireDeployment } from '../find-deployment';
import type { Operator } from '../operator';
import { type Change, planAttachment, type Target, targetFikiri, targetFunctions } from '../plan-attachment';
import { readWebhooks, type Webhooks } from '../read-webhooks';
import { bold, green, print, printNote } from '../terminal';

export const ATTACH_OPTIONS = {
  'dry-run': { type: 'boolean', does: 'shows what would be written, and writes nothing' },
  direct: { type: 'boolean', does: "points straight at Fikiri's own webhooks" },
  force: { type: 'boolean', does: 'takes a number off its SIP trunk' },
} as const;

export interface AttachOptions {
  /** Show what would be written, and write nothing. */
  dryRun?: boolean;
  /** Point at Fikiri's own webhooks instead of the Functions. */
  direct?: boolean;
  /** Take a number off its SIP trunk, which makes Twilio ignore the number's URLs. */
  force?: boolean;
}

/** `npm run attach`. Resolves to the exit code. */
export async function attachCommand(args: string[], operator: Operator): Promise<number> {
  const { values } = parseArgs({ args, options: ATTACH_OPTIONS });
  const { 'dry-run': dryRun = false, direct = false, force = false } = values;
  await attach(operator, { dryRun, direct, force });
  return 0;
}

/**
 * Points the numbers and their Messaging Services at the Functions: reads everything, prints the difference, writes
 * it, reads back and compares. Throws OperatorError that says what was written and what was not.
 */
export async function attach(
  operator: Operator,
  { dryRun, direct, force }: AttachOptions = {},
): Promise<void> {
  const { client, variables } = operator;
  const phoneNumbers = parsePhoneNumbers(variables);
  const target: Target = direct
    ? targetFikiri(parseBaseUrl(variables['FIKIRI_BASE_URL']))
    : targetFunctions(dryRun ? await expectDeployment(client) : await requireDeployment(client));

  const webhooks = await readWebhooks(client, phoneNumbers);
  const changes = planAttachment(webhooks, target);
  if (!force) verifyOffTrunk(webhooks);
  if (!direct && !target.smsFallbackUrl) printNote('no fallback asset is deployed, so none is set.');
  if (changes.length === 0) return print(green(`No change: ${phoneNumbers.join(', ')} is attached.`));

  for (const change of changes) printChange(change);
  printOtherNumbers(webhooks, changes);
  if (dryRun) return print('Dry run: nothing was written.');

  await write(operator, changes);
  const left = planAttachment(await readWebhooks(client, phoneNumbers), target);
  if (left.length > 0) {
    const fields = left.flatMap(({ title, fields }) =>
      Object.keys(fields).map((field) => `${field} of ${title}`),
    );
    throw new OperatorError(
      `Twilio took the change but reads back otherwise: ${fields.join(', ')}. Try again.`,
    );
  }
  print(green(`Attached: ${phoneNumbers.join(', ')}, read back and compared.`));
  print(`\nTo restore what was there (with ACCOUNT_SID and AUTH_TOKEN in the shell):`);
  for (const change of changes) print(restoreCommand(operator.accountSid, change));
}

/** What is online, or before the first deployment what will be, so that it can be looked at first. */
async function expectDeployment(client: Twilio): Promise<Pick<Deployment, 'domain' | 'assets'>> {
  const deployment = await findDeployment(client);
  if (deployment) return deployment;
  printNote('nothing is deployed yet; Twilio will choose the digits of the domain.');
  return DEPLOYMENT_TO_COME;
}

/** Throws OperatorError where a number is on a SIP trunk. */
export function verifyOffTrunk({ numbers }: Webhooks): void {
  const onTrunk = numbers.filter(({ trunkSid }) => trunkSid);
  if (onTrunk.length === 0) return;
  const titles = onTrunk.map(({ phoneNumber, trunkSid }) => `number ${phoneNumber} (${trunkSid})`).join(', ');
  throw new OperatorError(
    `On a SIP trunk, so Twilio ignores its webhooks: ${titles}. Nothing was written. If the trunk may lose it: npm run attach -- --force`,
  );
}

function printChange({ title, sid, fields }: Change): void {
  print(`${bold(title)}  ${sid}`);
  for (const [field, { from, to }] of Object.entries(fields)) {
    print(`  ${field}\n    ${`- ${from || '(empty)'}`}\n    ${green(`+ ${to || '(empty)'}`)}`);
  }
}

function printOtherNumbers({ numbers, messagingServices }: Webhooks, changes: Change[]): void {
  for (const { resource, numberSids } of messagingServices) {
    const others = numberSids.filter((sid) => !numbers.some((number) => number.sid === sid)).length;
    if (others > 0 && changes.some(({ sid }) => sid === resource.sid)) {
      printNote(`texts to the ${others} other number(s) of "${resource.friendlyName}" go there too.`);
    }
  }
}

/** Writes in the given order. Numbers come first: a Messaging Service must never defer to a number not yet right. */
async function write({ client }: Operator, changes: Change[]): Promise<void> {
  for (const [index, { kind, sid, fields }] of changes.entries()) {
    const values = Object.fromEntries(Object.entries(fields).map(([field, { to }]) => [field, to]));
    try {
      if (kind === 'number') await client.incomingPhoneNumbers(sid).update(values);
      else await client.messaging.v1.services(sid).update(values);
    } catch (error) {
      const titles = (part: Change[]) => part.map(({ title }) => title).join(', ') || 'nothing';
      const fact = explainError(error) ?? (error as Error).stack;
      throw new OperatorError(
        `${fact}\nWritten: ${titles(changes.slice(0, index))}. Not written: ${titles(changes.slice(index))}. To go on: npm run attach`,
      );
    }
  }
}

function restoreCommand(accountSid: string, { kind, sid, fields }: Change): string {
  const url =
    kind === 'number'
      ? `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers/${sid}.json`
      : `https://messaging.twilio.com/v1/Services/${sid}`;
  const data = Object.entries(fields).map(([field, { from }]) => {
    return ` \\\n    --data-urlencode '${field.charAt(0).toUpperCase()}${field.slice(1)}=${from.replaceAll("'", `'\\''`)}'`;
  });
  return `  curl -X POST '${url}' -u "$ACCOUNT_SID:$AUTH_TOKEN"${data.join('')}`;
}

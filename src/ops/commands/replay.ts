import { parseArgs } from 'node:util';
import { OperatorError, UsageError } from '../../errors';
import { explainError } from '../explain-error';
import { type Deployment, requireDeployment } from '../find-deployment';
import { findMessage, findTraffic, type MissingMessage } from '../missing-messages';
import type { Operator } from '../operator';
import { type Period, parsePeriod } from '../period';
import { type ReplayStep, replay } from '../replay-messages';
import { printProgress, printStep, printSummary } from '../replay-report';
import { print } from '../terminal';

/** Fikiri takes 100 requests a minute from one address, and new texts come in meanwhile. */
const MAX_RATE = 90;

export const REPLAY_OPTIONS = {
  since: { type: 'string', default: '24h', does: 'how far back: 30m, 24h, 7d, or a time' },
  until: { type: 'string', does: 'up to when; a minute ago at the latest' },
  sid: { type: 'string', does: 'one text, delivered before or not' },
  rate: { type: 'string', default: '60', does: 'texts a minute' },
  reconcile: { type: 'boolean', default: false, does: 'also losses that no alert tells of' },
  'dry-run': { type: 'boolean', default: false, does: 'lists the texts, and delivers none' },
  json: { type: 'boolean', default: false, does: 'for scripts' },
} as const;

/** Prints a line, unless the output is to be JSON. */
type Say = (line: string) => unknown;

/** `npm run replay`: delivers what failed and has not arrived since. Resolves to the exit code. */
export async function replayCommand(args: string[], operator: Operator): Promise<number> {
  const { values } = parseArgs({ args, options: REPLAY_OPTIONS });
  const { json, 'dry-run': dryRun, sid, reconcile } = values;
  const say: Say = (line) => json || print(line);
  const ratePerMinute = parseRate(values.rate);
  if (sid !== undefined && !/^(SM|MM)[0-9a-f]{32}$/.test(sid)) {
    throw new UsageError(`--sid "${sid}" is not a MessageSid: SM or MM and 32 hexadecimal digits.`);
  }
  // One message is looked for as far back as Twilio remembers.
  const period = parsePeriod(sid ? '30d' : values.since, values.until, operator.now());

  const deployment = await requireDeployment(operator.client);
  const messages = sid
    ? await findOne(operator, deployment, sid, period.since, say)
    : await findMissing(operator, deployment, period, reconcile, say);

  const run: Run = { messages, steps: [], brokenOff: undefined };
  if (dryRun) {
    for (const message of messages) {
      const reason = message.alertSid ? 'dry run: has alert' : 'dry run: rebuilt';
      run.steps.push({ message, outcome: 'left', reason });
    }
    if (!json) run.steps.forEach(printStep);
  } else {
    await takeSteps(run, !json, (signal) =>
      replay(operator, deployment, messages, { ratePerMinute, again: sid !== undefined, signal }),
    );
  }

  if (json) print(JSON.stringify(run.steps.map(({ message, ...step }) => ({ ...message, ...step }))));
  else if (messages.length > 0) printSummary(run.steps);
  if (run.brokenOff) throw new OperatorError(run.brokenOff);
  const isLeft = run.steps.some(({ outcome }) => outcome !== 'delivered');
  if (isLeft && !dryRun) say('Run it again when the reasons are mended: it goes on from there.');
  return isLeft && !dryRun ? 1 : 0;
}

async function findMissing(
  operator: Operator,
  deployment: Deployment,
  period: Period,
  reconcile: boolean,
  say: Say,
): Promise<MissingMessage[]> {
  const { missing } = await findTraffic(operator, deployment, period, reconcile);
  const [since, until] = [period.since, period.until].map((at) => at.toISOString().replace(/\.\d+/, ''));
  say(`${missing.length} to replay, of the texts from ${since} to ${until}`);
  if (missing.length === 0) say('Texts of the last minute are left out: they may still be on their way.');
  return missing;
}

async function findOne(
  operator: Operator,
  deployment: Deployment,
  sid: string,
  since: Date,
  say: Say,
): Promise<MissingMessage[]> {
  const { message, isDelivered } = await findMessage(operator, deployment, sid, since);
  say(`${sid}: ${message.alertSid ? 'its form is in an alert' : 'no alert: its form is rebuilt'}`);
  if (isDelivered) {
    say(`${sid} was delivered before: Fikiri gets it again, with the same Idempotency-Key.`);
  }
  return [message];
}

interface Run {
  messages: MissingMessage[];
  /** One for each message, in the end. */
  steps: ReplayStep[];
  brokenOff: string | undefined;
}

/** Takes the steps as they come. When Twilio is out of reach, the rest is left, and `brokenOff` says why. */
async function takeSteps(
  run: Run,
  isShown: boolean,
  start: (signal: AbortSignal) => AsyncIterable<ReplayStep>,
): Promise<void> {
  // The first Ctrl-C ends the replay after the text that is on its way; the second ends the process.
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once('SIGINT', interrupt);
  const { messages, steps } = run;
  let done = 0;
  try {
    for await (const step of start(interruption.signal)) {
      steps.push(step);
      if (step.outcome !== 'left') done += 1;
      if (isShown) printProgress(step, done, messages.length);
    }
  } catch (error) {
    const why = explainError(error);
    if (!why) throw error;
    run.brokenOff = `Broken off after ${done} of ${messages.length}. ${why} Run it again: it goes on from there.`;
    for (const message of messages.slice(steps.length)) {
      steps.push({ message, outcome: 'left', reason: 'broken off' });
    }
  } finally {
    process.off('SIGINT', interrupt);
    if (isShown && process.stdout.isTTY && done > 0) print(); // After the bar.
  }
}

function parseRate(value: string): number {
  const rate = Number(value);
  if (Number.isInteger(rate) && rate >= 1 && rate <= MAX_RATE) return rate;
  throw new UsageError(
    `--rate "${value}" is not a whole number from 1 to ${MAX_RATE}: Fikiri takes 100 requests a minute in all.`,
  );
}

import { parseArgs } from 'node:util';
import { OperatorError, UsageError } from '../errors';
import { explainError } from './explain-error';
import { requireDeployment } from './find-deployment';
import { findTraffic, type MissingMessage } from './missing-messages';
import type { Operator } from './operator';
import { parsePeriod } from './period';
import { type ReplayStep, replay } from './replay';
import { printStep, printSummary } from './replay-report';
import { print, yellow } from './terminal';

/** Fikiri takes 100 requests a minute from one address, and new texts come in meanwhile. */
const MAX_RATE = 90;

const OPTIONS = {
  since: { type: 'string', default: '24h' },
  until: { type: 'string' },
  sid: { type: 'string' },
  rate: { type: 'string', default: '60' },
  reconcile: { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

/** `npm run replay`: delivers what failed and has not arrived since. Resolves to the exit code. */
export async function replayCommand(args: string[], operator: Operator): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS });
  const { json, 'dry-run': dryRun, sid, reconcile } = values;
  const ratePerMinute = parseRate(values.rate);
  if (sid !== undefined && !/^(SM|MM)[0-9a-f]{32}$/.test(sid)) {
    throw new UsageError(`--sid "${sid}" is not a MessageSid: SM or MM and 32 hexadecimal digits.`);
  }
  // One message is looked for as far back as Twilio remembers.
  const period = parsePeriod(sid ? '30d' : values.since, values.until, operator.now());

  const deployment = await requireDeployment(operator.client);
  const { failed, delivered, missing } = await findTraffic(operator, deployment, period, reconcile);
  const messages: MissingMessage[] = sid
    ? [{ messageSid: sid, alertSid: failed.get(sid)?.sid, receivedAt: operator.now() }]
    : missing;
  if (!json && sid && delivered.has(sid)) {
    print(yellow(`${sid} was delivered before: Fikiri gets it again, with the same Idempotency-Key.`));
  }
  if (!json) print(`${messages.length} to replay, of the texts since ${period.since.toISOString()}`);

  const steps: ReplayStep[] = [];
  const take = (step: ReplayStep) => {
    steps.push(step);
    if (!json) printStep(step, steps.length, messages.length);
  };
  if (dryRun) for (const message of messages) take({ message, outcome: 'left', reason: 'dry run' });
  else await takeSteps(replay(operator, deployment, messages, ratePerMinute, interruption()), take);

  if (json) print(JSON.stringify(steps.map(({ message, ...step }) => ({ ...message, ...step }))));
  else printSummary(steps);
  return dryRun || steps.every(({ outcome }) => outcome === 'delivered') ? 0 : 1;
}

async function takeSteps(steps: AsyncIterable<ReplayStep>, take: (step: ReplayStep) => void): Promise<void> {
  let count = 0;
  try {
    for await (const step of steps) {
      take(step);
      count += 1;
    }
  } catch (error) {
    const why = explainError(error);
    if (!why) throw error;
    throw new OperatorError(`Broken off after ${count} text(s). ${why} Run it again: it goes on from there.`);
  }
}

/** The first Ctrl-C ends the replay after the text that is on its way; the second ends the process. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}

function parseRate(value: string): number {
  const rate = Number(value);
  if (Number.isInteger(rate) && rate >= 1 && rate <= MAX_RATE) return rate;
  throw new UsageError(
    `--rate "${value}" is not a whole number from 1 to ${MAX_RATE}: Fikiri takes 100 requests a minute in all.`,
  );
}

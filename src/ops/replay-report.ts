import type { ReplayStep } from './replay';
import { bold, green, print, red } from './terminal';

const BAR_WIDTH = 30;

/** Shows how far a replay is: a bar on a terminal, where only failures get a line; elsewhere a line for each text. */
export function printStep(step: ReplayStep, done: number, total: number): void {
  const { message, outcome, reason = '' } = step;
  const at = message.receivedAt.toISOString().replace('.000', '');
  const line = `${outcome.padEnd(9)}  ${message.messageSid}  received ${at}  ${reason}`.trimEnd();
  if (!process.stdout.isTTY) {
    print(line);
    return;
  }
  process.stdout.write('\r\u001b[K');
  if (outcome !== 'delivered') print(line);
  const filled = Math.round((BAR_WIDTH * done) / total);
  process.stdout.write(
    `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}  ${done} of ${total}${done === total ? '\n' : ''}`,
  );
}

/** The table at the end: how many of each outcome, and why. */
export function printSummary(steps: ReplayStep[]): void {
  for (const [outcome, colour] of [
    ['delivered', green],
    ['failed', red],
    ['left', bold],
  ] as const) {
    const these = steps.filter((step) => step.outcome === outcome);
    const reasons = new Map<string, number>();
    for (const { reason } of these) if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    const why = [...reasons].map(([reason, count]) => `${count} × ${reason}`).join(', ');
    const row = `${outcome.padEnd(9)}  ${String(these.length).padStart(5)}  ${why}`.trimEnd();
    print(these.length > 0 ? colour(row) : row);
  }
}

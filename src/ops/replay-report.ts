import type { ReplayStep } from './replay-messages';
import { bold, green, print, red } from './terminal';

const BAR_WIDTH = 30;

/** Shows how far a replay is: a bar on a terminal, where only failures get a line; elsewhere a line for each text. */
export function printProgress(step: ReplayStep, done: number, total: number): void {
  if (!process.stdout.isTTY) {
    printStep(step);
    return;
  }
  process.stdout.write('\r\u001b[K');
  if (step.outcome === 'failed') printStep(step);
  const filled = Math.round((BAR_WIDTH * done) / total);
  process.stdout.write(`${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}  ${done} of ${total}`);
}

/** One text's line. On a terminal it has no year, and fits. */
export function printStep({ message, outcome, reason = '' }: ReplayStep): void {
  const receivedAt = message.receivedAt.toISOString().replace(/\.\d+/, '');
  const line = (at: string) => `${outcome.padEnd(9)} ${message.messageSid} ${at} ${reason}`.trimEnd();
  if (!process.stdout.isTTY) print(line(receivedAt));
  else print(fit(line(receivedAt.slice('2026-'.length))));
}

/** The table at the end: how many of each outcome, and why. */
export function printSummary(steps: ReplayStep[]): void {
  for (const [outcome, colour] of [
    ['delivered', green],
    ['failed', red],
    ['left', bold],
  ] as const) {
    const these = steps.filter((step) => step.outcome === outcome);
    const row = `${outcome.padEnd(9)} ${String(these.length).padStart(5)}`;
    print(these.length > 0 ? colour(row) : row);
    const reasons = new Map<string, number>();
    for (const { reason } of these) if (reason) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    for (const [reason, count] of reasons) print(fit(`${String(count).padStart(15)} × ${reason}`));
  }
}

function fit(line: string): string {
  const columns = (process.stdout.isTTY && process.stdout.columns) || Number.POSITIVE_INFINITY;
  return line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
}

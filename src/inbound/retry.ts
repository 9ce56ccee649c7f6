import { setTimeout as sleep } from 'node:timers/promises';
import type { AttemptResult } from './attempt';

/** Time, as the delivery sees it. Tests pass their own. */
export interface Clock {
  /** Milliseconds since any fixed moment. */
  now(): number;
  /** Milliseconds since 1970: Retry-After may be a date. */
  date(): number;
  sleep(ms: number): Promise<unknown>;
  /** From 0 to 1, to spread the retries of many Functions. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  date: Date.now,
  sleep,
  random: Math.random,
};

/** The longest pause before attempt 2; it doubles with each attempt, and half of it is left to chance. */
const FIRST_PAUSE_MS = 300;

/** Whether another attempt can change the result of this one. */
export function isRetryable(result: AttemptResult): boolean {
  if (!result.answered) return result.reason !== 'timeout';
  const { status } = result;
  return status >= 500 || [408, 425, 429].includes(status);
}

/** Milliseconds to wait before that attempt (2 and up): Retry-After where Fikiri gave one, and never less. */
export function pauseBefore(attemptNumber: number, result: AttemptResult, clock: Clock): number {
  // A connection that went stale while the instance was idle says nothing about Fikiri: try again at once.
  if (!result.answered && result.staleConnection) return 0;
  const longest = FIRST_PAUSE_MS * 2 ** (attemptNumber - 2);
  const jittered = longest * (0.5 + clock.random() / 2);
  const retryAfterMs = result.answered ? parseRetryAfter(result.retryAfter, clock.date()) : 0;
  return Math.max(jittered, retryAfterMs);
}

/** Retry-After in milliseconds: seconds or an HTTP date; none or a past one where it is neither. RFC 9110, 10.2.3 */
function parseRetryAfter(value: string | undefined, nowMs: number): number {
  if (value === undefined) return 0;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  return (Date.parse(value) || 0) - nowMs;
}

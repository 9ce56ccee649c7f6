import { UsageError } from '../errors';

export const DAY_MS = 24 * 60 * 60 * 1000;
const UNIT_MS: Record<string, number> = { m: 60_000, h: 3_600_000, d: DAY_MS };

/** Twilio keeps alerts and the Functions' logs for 30 days. */
const KEPT_DAYS = 30;

/** A text younger than this may still be on its way: Twilio waits 15 s, and log lines appear a little later. */
const SETTLING_MS = 60_000;

/** The time in which texts are looked for. */
export interface Period {
  since: Date;
  until: Date;
}

/** Reads `--since` and `--until`: an age (`30m`, `24h`, `7d`) or an ISO time. Throws UsageError. */
export function parsePeriod(since: string, until: string | undefined, now: Date): Period {
  const settled = new Date(now.getTime() - SETTLING_MS);
  const begin = parseTime('--since', since, now);
  const end = until === undefined ? settled : parseTime('--until', until, now);
  const oldest = new Date(now.getTime() - KEPT_DAYS * DAY_MS);
  if (begin < oldest) {
    throw new UsageError(
      `--since ${since} is too long ago: Twilio keeps alerts and logs for ${KEPT_DAYS} days. Give ${KEPT_DAYS}d or less.`,
    );
  }
  // A minute less than 30 days, or the period would be too long by the time Twilio reads it.
  const earliest = new Date(oldest.getTime() + SETTLING_MS);
  const period = { since: begin < earliest ? earliest : begin, until: end < settled ? end : settled };
  if (period.since >= period.until) {
    throw new UsageError(
      `There is no time between --since ${since} and --until ${until ?? 'a minute ago'}. Give an earlier --since.`,
    );
  }
  return period;
}

function parseTime(option: string, value: string, now: Date): Date {
  const [, amount = '', unit = ''] = /^(\d+)([mhd])$/.exec(value) ?? [];
  if (unit) return new Date(Math.max(0, now.getTime() - Number(amount) * (UNIT_MS[unit] ?? 0)));
  const isIso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(value);
  if (isIso && !Number.isNaN(Date.parse(value))) return new Date(value);
  throw new UsageError(
    `${option} "${value}" is not a time. Give an age like 30m, 24h or 7d, or a time like 2026-11-22T08:00:00Z.`,
  );
}

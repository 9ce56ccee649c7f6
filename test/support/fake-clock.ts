import type { Clock } from '../../src/inbound/retry';

/**
 * A clock that stands still until it is moved, for our code's timers too; sockets go on as ever. One at a time:
 * give the timers back with jest.useRealTimers().
 */
export class FakeClock implements Clock {
  /** Every pause that was slept, in ms. */
  readonly pauses: number[] = [];
  private readonly startedAt = Date.parse('2026-11-22T12:00:00Z');

  /** `chance` is what random() answers: 1 makes each pause the longest it can be. */
  constructor(private readonly chance = 1) {
    jest.useFakeTimers({
      now: this.startedAt,
      doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask'],
    });
  }

  now(): number {
    return Date.now() - this.startedAt;
  }

  date(): number {
    return Date.now();
  }

  random(): number {
    return this.chance;
  }

  async sleep(ms: number): Promise<void> {
    this.pauses.push(ms);
    this.advance(ms);
  }

  /** Moves the time by so much; timers that are due go off. */
  advance(ms: number): void {
    jest.advanceTimersByTime(ms);
  }

  /** Moves the time to the next timer, which goes off. */
  advanceToNextTimer(): void {
    jest.advanceTimersToNextTimer();
  }
}

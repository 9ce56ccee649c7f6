import { handler } from '../../src/functions/sms.protected';
import {
  answer,
  type Behaviour,
  closeBackends,
  closeUnanswered,
  hang,
  reset,
  startBackend,
} from '../support/backend';
import { deliverTo } from '../support/deliver-to';
import { FakeClock } from '../support/fake-clock';
import { hostedContext, TEXT_FORM } from '../support/inbound-forms';
import { runFunction } from '../support/run-function';
import { pick, seededRandom } from '../support/seeded-random';

const BUDGET_MS = 6500;
let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

afterEach(async () => {
  jest.useRealTimers();
  await closeBackends();
});

/** Does so after this much time. */
const after =
  (ms: number, behaviour: Behaviour): Behaviour =>
  (exchange) => {
    clock.advance(ms);
    behaviour(exchange);
  };

describe('the budget of a delivery', () => {
  it('leaves the last attempt what the others have not spent', async () => {
    const backend = await startBackend(after(2000, answer(503)), after(60_000, hang));
    expect(await deliverTo(backend.url, clock)).toMatchObject({
      delivered: false,
      reason: 'timeout',
      attempts: 2,
    });
    const backendAnswersInTime = await startBackend(after(2000, answer(503)), after(4100, answer(200)));
    expect(await deliverTo(backendAnswersInTime.url, clock)).toMatchObject({ delivered: true, attempts: 2 });
  });

  it('begins no attempt that has less than 250 ms', async () => {
    const justFits = await startBackend(after(5950, answer(503)), answer(200));
    expect(await deliverTo(justFits.url, clock)).toMatchObject({ delivered: true, attempts: 2 });
    const tooLate = await startBackend(after(5951, answer(503)), answer(200));
    expect(await deliverTo(tooLate.url, clock)).toMatchObject({ delivered: false, attempts: 1 });
    expect(tooLate.received).toHaveLength(1);
  });

  it('is kept by an attempt that ends in doubt: it is not repeated', async () => {
    const backend = await startBackend(after(BUDGET_MS, hang), answer(200));
    expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: false, reason: 'timeout' });
    expect(backend.received).toHaveLength(1);
  });

  it.each([1, 2, 3])('is never exceeded, whatever Fikiri does (40 deliveries, seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const kinds: (() => Behaviour)[] = [
      () => answer(503),
      () => answer(429, { 'Retry-After': String(Math.floor(random() * 4)) }),
      () => reset,
      () => closeUnanswered,
    ];
    for (let delivery = 0; delivery < 40; delivery += 1) {
      const behaviours = Array.from({ length: 4 }, () => {
        const ms = Math.floor(random() ** 2 * 4000);
        const behaviour = pick(random, kinds)();
        // A deadline may end the attempt before Fikiri does anything: only as much time passes as it leaves.
        return (exchange: Parameters<Behaviour>[0]) => {
          clock.advance(Math.min(ms, Math.max(0, startedAt + BUDGET_MS - clock.now())));
          behaviour(exchange);
        };
      });
      const startedAt = clock.now();
      const backend = await startBackend(...behaviours);
      const result = await deliverTo(backend.url, clock);
      expect(result.delivered).toBe(false);
      expect(clock.now() - startedAt).toBeLessThanOrEqual(BUDGET_MS);
      await closeBackends();
    }
  });
});

describe('the Function', () => {
  it('calls back in less than 7 s, for real, when Fikiri answers 503 and then nothing', async () => {
    jest.useRealTimers();
    const backend = await startBackend(answer(503), hang);
    const startedAt = performance.now();
    const { status, log } = await runFunction(handler, hostedContext(backend.url), TEXT_FORM);
    const tookMs = performance.now() - startedAt;
    expect(status).toBe(502);
    expect(log).toEqual([{ level: 'error', line: expect.stringContaining('reason=timeout attempts=2') }]);
    expect(tookMs).toBeGreaterThan(6000);
    expect(tookMs).toBeLessThan(7000);
  }, 10_000);
});

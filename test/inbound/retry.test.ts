import { systemClock } from '../../src/inbound/retry';
import { answer, closeBackends, startBackend } from '../support/backend';
import { deliverTo } from '../support/deliver-to';
import { FakeClock } from '../support/fake-clock';

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

afterEach(async () => {
  jest.useRealTimers();
  await closeBackends();
});

describe('the real clock', () => {
  it('waits between two attempts, and measures it', async () => {
    jest.useRealTimers();
    const retryAfter = new Date(Date.now() - 3_600_000).toUTCString();
    const backend = await startBackend(answer(503, { 'Retry-After': retryAfter }), answer(200));
    const delivery = await deliverTo(backend.url);
    expect(delivery).toMatchObject({ delivered: true, attempts: 2 });
    expect(delivery.ms).toBeGreaterThanOrEqual(149); // Half of 300, less what a timer may be early.
    expect(delivery.ms).toBeLessThan(3000);
  });

  it('leaves the length of pauses to chance', () => {
    const chances = new Set(Array.from({ length: 20 }, () => systemClock.random()));
    expect(chances.size).toBe(20);
    for (const chance of chances) expect(chance).toBeLessThan(1);
  });
});

/** An HTTP date so many seconds after the clock's start. */
const dateIn = (seconds: number) => new Date(clock.date() + seconds * 1000).toUTCString();

describe('Retry-After', () => {
  it.each([408, 425, 429, 500, 503])('that fits is waited for after %i', async (status) => {
    const backend = await startBackend(answer(status, { 'Retry-After': '3' }), answer(200));
    expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: true, attempts: 2, ms: 3000 });
    expect(clock.pauses).toEqual([3000]);
  });

  it('as a date is waited for', async () => {
    const backend = await startBackend(answer(503, { 'Retry-After': dateIn(4) }), answer(200));
    expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: true, attempts: 2 });
    expect(clock.pauses).toEqual([4000]);
  });

  it.each([
    ['0', [300, 600, 1200]],
    ['1', [1000, 1000, 1200]],
  ])('that is shorter than our own pause does not shorten it (%s s)', async (value, pauses) => {
    const backend = await startBackend(answer(503, { 'Retry-After': value }));
    await deliverTo(backend.url, clock);
    expect(clock.pauses).toEqual(pauses);
  });

  it('is waited for each time it is given, while it fits', async () => {
    const backend = await startBackend(answer(429, { 'Retry-After': '2' }));
    expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: false, attempts: 4 });
    expect(clock.pauses).toEqual([2000, 2000, 2000]);
  });

  it.each([
    ['a second too long', '7'],
    ['a minute', '60'],
    ['more than a number holds', '9'.repeat(400)],
  ])('that does not fit (%s) fails the delivery at once', async (_, value) => {
    const backend = await startBackend(answer(503, { 'Retry-After': value }), answer(200));
    expect(await deliverTo(backend.url, clock)).toMatchObject({
      delivered: false,
      reason: 'status_503',
      attempts: 1,
    });
    expect(clock.pauses).toEqual([]);
  });

  it('as a date that does not fit fails the delivery at once', async () => {
    const backend = await startBackend(answer(503, { 'Retry-After': dateIn(3600) }), answer(200));
    expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: false, attempts: 1 });
  });

  it('that has passed is no pause beyond our own', async () => {
    const backend = await startBackend(answer(503, { 'Retry-After': dateIn(-3600) }), answer(200));
    expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: true, attempts: 2 });
    expect(clock.pauses).toEqual([300]);
  });

  it.each(['-5', 'soon', '', '1.5', '3s', '0x10', 'NaN'])(
    'that is no delay ("%s") is ignored',
    async (value) => {
      const backend = await startBackend(answer(503, { 'Retry-After': value }), answer(200));
      expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: true, attempts: 2 });
      expect(clock.pauses).toEqual([300]);
    },
  );

  it('is not asked of an answer that no attempt can change', async () => {
    const backend = await startBackend(answer(403, { 'Retry-After': '1' }), answer(200));
    expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: false, attempts: 1 });
  });
});

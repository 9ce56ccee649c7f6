import { once } from 'node:events';
import { answer, closeBackends, closeUnanswered, reset, startBackend } from '../support/backend';
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

describe('the connection to Fikiri', () => {
  it.each([
    ['no body', answer(200)],
    ['an empty web page', answer(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': '0' })],
    ['TwiML', answer(200, { 'Content-Type': 'text/xml' }, '<Response/>')],
    ['another body of some length', answer(200, { 'Content-Type': 'text/html' }, 'x'.repeat(60_000))],
  ])('carries the next text too, after an answer with %s', async (_, behaviour) => {
    const backend = await startBackend(behaviour);
    for (let text = 1; text <= 3; text += 1) {
      expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: true, attempts: 1 });
      await new Promise(setImmediate);
    }
    expect(backend.received.map(({ connection }) => connection)).toEqual([1, 1, 1]);
  });

  it.each([
    ['reset', reset],
    ['closed', closeUnanswered],
  ])('%s just as it is used again: delivered on a new one, without a pause', async (_, behaviour) => {
    const backend = await startBackend(answer(200), behaviour, answer(200));
    await deliverTo(backend.url, clock);
    expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: true, attempts: 2 });
    expect(clock.pauses).toEqual([0]);
    expect(backend.received.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  it('closed while it was idle: delivered on a new one by the first attempt', async () => {
    const backend = await startBackend(answer(200));
    await deliverTo(backend.url, clock);
    const [socket] = backend.sockets;
    socket?.end();
    if (socket) await once(socket, 'close');
    expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: true, attempts: 1 });
    expect(backend.sockets).toHaveLength(2);
  });

  it.each([
    ['4 s: used again', 4000, [1, 1]],
    ['longer: not used again, for it may swallow a text without a word', 4001, [1, 2]],
  ])('idle for %s', async (_, idleMs, connections) => {
    const backend = await startBackend(answer(200));
    const now = jest.spyOn(Date, 'now').mockReturnValue(1_800_000_000_000);
    await deliverTo(backend.url, clock);
    await new Promise(setImmediate);
    now.mockReturnValue(1_800_000_000_000 + idleMs);
    expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: true, attempts: 1 });
    expect(backend.received.map(({ connection }) => connection)).toEqual(connections);
    now.mockRestore();
  });

  it('stale, as all the others are then: the second attempt uses none of them', async () => {
    const staleConnections = new Set([1, 2, 3, 4]);
    let arrived = 0;
    const waiting: (() => void)[] = [];
    const backend = await startBackend(({ received, response, socket }) => {
      arrived += 1;
      if (arrived > 4 && staleConnections.has(received.connection)) socket.resetAndDestroy();
      else waiting.push(() => response.end());
      if (arrived >= 4) for (const respond of waiting.splice(0)) respond();
    });
    await Promise.all(Array.from({ length: 4 }, () => deliverTo(backend.url, clock)));
    expect(backend.sockets).toHaveLength(4);
    expect(await deliverTo(backend.url, clock)).toMatchObject({ delivered: true, attempts: 2 });
    expect(clock.pauses).toEqual([0]);
    expect(backend.received.at(-1)?.connection).toBe(5);
  });

  it('reset again on a new one: retried with pauses, as any reset', async () => {
    const backend = await startBackend(answer(200), reset);
    await deliverTo(backend.url, clock);
    expect(await deliverTo(backend.url, clock)).toMatchObject({
      delivered: false,
      reason: 'reset',
      attempts: 4,
    });
    expect(clock.pauses).toEqual([0, 600, 1200]);
  });
});

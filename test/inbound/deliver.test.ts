import { type AddressInfo, createServer } from 'node:net';
import type { Delivery } from '../../src/inbound/deliver';
import { findFreePort } from '../../src/ops/ports';
import {
  answer,
  type Behaviour,
  closeBackends,
  closeUnanswered,
  hang,
  reset,
  startBackend,
  startTlsBackend,
  writeRaw,
  writeRawAndClose,
} from '../support/backend';
import { certificate } from '../support/certificate';
import { deliverTo } from '../support/deliver-to';
import { FakeClock } from '../support/fake-clock';
import { MESSAGE_SID } from '../support/inbound-forms';
import { closeSilentHosts, startFullHost, startMuteTlsHost } from '../support/silent-hosts';

let clock: FakeClock;

beforeEach(() => {
  clock = new FakeClock();
});

afterEach(async () => {
  jest.useRealTimers();
  closeSilentHosts();
  await closeBackends();
});

const failed = (reason: string, attempts: number) =>
  expect.objectContaining({ delivered: false, reason, attempts });
const delivered = (status: number, attempts: number) =>
  expect.objectContaining({ delivered: true, status, attempts });

/** The pauses when chance makes each the longest it can be. */
const LONGEST_PAUSES = [300, 600, 1200];

describe('delivery: Fikiri answers', () => {
  it.each([200, 201, 202, 204, 299])('%i: delivered by one attempt', async (status) => {
    const backend = await startBackend(answer(status));
    expect(await deliverTo(backend.url, clock)).toEqual(delivered(status, 1));
    expect(backend.received).toHaveLength(1);
  });

  it.each([408, 425, 429, 500, 502, 503, 504, 599])(
    '%i, then 200: delivered by the second attempt',
    async (status) => {
      const backend = await startBackend(answer(status), answer(200));
      expect(await deliverTo(backend.url, clock)).toEqual(delivered(200, 2));
      expect(clock.pauses).toEqual([300]);
    },
  );

  it.each([408, 425, 429, 500, 503])('%i each time: failed after four attempts', async (status) => {
    const backend = await startBackend(answer(status));
    expect(await deliverTo(backend.url, clock)).toEqual(failed(`status_${status}`, 4));
    expect(backend.received).toHaveLength(4);
    expect(clock.pauses).toEqual(LONGEST_PAUSES);
  });

  it.each([400, 401, 403, 404, 405, 410, 413, 415, 422, 451])(
    '%i: failed at once, for another attempt would meet the same',
    async (status) => {
      const backend = await startBackend(answer(status));
      expect(await deliverTo(backend.url, clock)).toEqual(failed(`status_${status}`, 1));
      expect(backend.received).toHaveLength(1);
    },
  );

  it.each([300, 301, 302, 303, 304, 307, 308])(
    '%i: failed at once, and the place it names receives nothing',
    async (status) => {
      const elsewhere = await startBackend(answer(200));
      const backend = await startBackend(answer(status, { Location: `${elsewhere.url}/sms` }));
      expect(await deliverTo(backend.url, clock)).toEqual(failed(`status_${status}`, 1));
      expect(elsewhere.sockets).toHaveLength(0);
    },
  );

  it('passes over 100 Continue and 103 Early Hints', async () => {
    const early = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    const backend = await startBackend(writeRaw(`${early}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`));
    expect(await deliverTo(backend.url, clock)).toEqual(delivered(200, 1));
  });

  it('sends the same request at each attempt, with the MessageSid as Idempotency-Key', async () => {
    const backend = await startBackend(answer(503), reset, answer(200));
    expect(await deliverTo(backend.url, clock)).toEqual(delivered(200, 3));
    const [first, second, third] = backend.received.map(({ connection: _, ...request }) => request);
    expect(first?.headers['idempotency-key']).toBe(MESSAGE_SID);
    expect(second).toEqual(first);
    expect(third).toEqual(first);
  });

  it('spreads its pauses over half of their length', async () => {
    jest.useRealTimers();
    clock = new FakeClock(0);
    const backend = await startBackend(answer(503));
    await deliverTo(backend.url, clock);
    expect(clock.pauses).toEqual([150, 300, 600]);
  });
});

describe('delivery: no connection', () => {
  it('refused: failed after four attempts', async () => {
    expect(await deliverTo(await unusedOrigin('127.0.0.1'), clock)).toEqual(failed('refused', 4));
    expect(clock.pauses).toEqual(LONGEST_PAUSES);
  });

  it('refused by each address of a host: failed after four attempts', async () => {
    expect(await deliverTo(await unusedOrigin('localhost'), clock)).toEqual(failed('refused', 4));
  });

  it('refused by an IPv6 address: failed after four attempts', async () => {
    const origin = (await unusedOrigin('127.0.0.1')).replace('127.0.0.1', '[::1]');
    expect(await deliverTo(origin, clock)).toEqual(failed('refused', 4));
  });

  it('refused until Fikiri has started: delivered', async () => {
    const origin = await unusedOrigin('127.0.0.1');
    const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (ms) => {
      await new Promise<void>((started) => server.listen(Number(new URL(origin).port), '127.0.0.1', started));
      await sleep(ms);
    };
    expect(await deliverTo(origin, clock)).toEqual(delivered(200, 2));
    server.close();
  });

  it('a host without an address: failed after four attempts', async () => {
    expect(await deliverTo('https://fikiri.invalid', clock)).toEqual(failed('dns', 4));
    expect(clock.pauses).toEqual(LONGEST_PAUSES);
  });

  it('an address to which there is no way: failed after four attempts', async () => {
    // No TCP connection leads to a broadcast address.
    expect(await deliverTo('https://255.255.255.255', clock)).toEqual(failed('unreachable', 4));
  });

  it('a certificate of an unknown authority: failed after four attempts, and nothing is sent', async () => {
    const backend = await startTlsBackend(certificate('server'), answer(200));
    expect(await deliverTo(backend.url, clock)).toEqual(failed('tls', 4));
    expect(backend.received).toHaveLength(0);
  });

  it('a connection that is reset in the TLS handshake: failed after four attempts', async () => {
    const server = createServer((socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    await new Promise<void>((started) => server.listen(0, '127.0.0.1', started));
    const { port } = server.address() as AddressInfo;
    expect(await deliverTo(`https://127.0.0.1:${port}`, clock)).toEqual(failed('reset', 4));
    server.close();
  });

  it('a host that does not speak TLS: failed after four attempts, and nothing is sent', async () => {
    const backend = await startBackend(answer(200));
    const url = backend.url.replace('http:', 'https:');
    expect(await deliverTo(url, clock)).toEqual(failed('tls', 4));
    expect(backend.received).toHaveLength(0);
  });

  it('a TLS handshake that never ends: 2 s for each attempt', async () => {
    const connections: number[] = [];
    const url = await startMuteTlsHost(() => {
      connections.push(clock.now());
      clock.advanceToNextTimer();
    });
    expect(await deliverTo(url, clock)).toEqual(failed('connect_timeout', 3));
    expect(connections).toEqual([0, 2300, 4900]);
    expect(clock.now()).toBe(6500);
  });

  it('a host that leaves connections in its queue: 2 s for each attempt', async () => {
    const delivery = deliverTo(await startFullHost(), clock);
    expect(await advanceWhileWaiting(delivery)).toEqual(failed('connect_timeout', 3));
    expect(clock.pauses).toEqual([300, 600]);
    expect(clock.now()).toBe(6500);
  });
});

describe('delivery: a connection that brings no answer', () => {
  const breaks: [string, Behaviour][] = [
    ['reset', reset],
    ['closed', closeUnanswered],
    ['closed within the status line', writeRawAndClose('HTTP/1.1 20')],
    ['closed within the headers', writeRawAndClose('HTTP/1.1 200 OK\r\nContent-Type: text/')],
    ['answered in another protocol', writeRawAndClose('220 smtp.example ESMTP\r\n')],
    [
      'upgraded to another protocol',
      writeRaw('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    ],
  ];

  it.each(breaks)('%s, then 200: delivered by the second attempt', async (_, behaviour) => {
    const backend = await startBackend(behaviour, answer(200));
    expect(await deliverTo(backend.url, clock)).toEqual(delivered(200, 2));
    expect(clock.pauses).toEqual([300]);
  });

  it.each(breaks)('%s each time: failed after four attempts', async (_, behaviour) => {
    const backend = await startBackend(behaviour);
    expect(await deliverTo(backend.url, clock)).toEqual(failed('reset', 4));
    expect(backend.received).toHaveLength(4);
  });

  it('no answer in what is left of the budget: failed, without another attempt', async () => {
    const backend = await startBackend((exchange) => {
      hang(exchange);
      clock.advance(6500);
    });
    expect(await deliverTo(backend.url, clock)).toEqual(failed('timeout', 1));
    expect(backend.received).toHaveLength(1);
    expect(clock.now()).toBe(6500);
  });

  it('headers that drip and never end: failed when the budget ends', async () => {
    const backend = await startBackend(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nX-Dri');
      clock.advance(3000);
      socket.write('p: 1\r\nX-Drop');
      clock.advance(3500);
    });
    expect(await deliverTo(backend.url, clock)).toEqual(failed('timeout', 1));
  });
});

async function unusedOrigin(host: string): Promise<string> {
  return `http://${host}:${await findFreePort()}`;
}

/** For attempts of which nobody but our own timers can tell: moves the clock whenever both of them are set. */
async function advanceWhileWaiting(delivery: Promise<Delivery>): Promise<Delivery> {
  let isOver = false;
  const result = delivery.finally(() => {
    isOver = true;
  });
  for (let turn = 0; !isOver && turn < 100_000; turn += 1) {
    if (jest.getTimerCount() === 2) clock.advanceToNextTimer();
    await new Promise(setImmediate);
  }
  return result;
}

import { TLSSocket } from 'node:tls';
import {
  answer,
  answerXml,
  type Behaviour,
  closeUnanswered,
  flood,
  hang,
  writeRaw,
  writeRawAndClose,
} from './backend';
import {
  type BreakOff,
  breakAtOnce,
  breakInAnswer,
  breakInRequest,
  type ConnectionFault,
  closeConnection,
  dripAnswer,
  fallSilent,
  leadTo,
  resetConnection,
  speak,
} from './faulty-connection';
import { pick } from './seeded-random';

/** What a fault is made with. */
export interface Making {
  random: () => number;
  /** Milliseconds of the instance in real ones. */
  realMs(ms: number): number;
  /** Where a redirect leads, and the ports of TLS backends with such a certificate. */
  elsewhere: string;
  expiredPort: number;
  wrongHostPort: number;
}

/** A failure of the backend, or of the way to it, and what a delivery may come to: `200` or a log line's reason. */
export interface Fault {
  name: string;
  onRequest?: (making: Making) => Behaviour;
  onConnection?: (making: Making) => ConnectionFault;
  schemes?: ('http' | 'https')[];
  /** Struck once, the next attempt meets a healthy backend. */
  once: RegExp;
  always: RegExp;
  /** The end of the answer, or all of it, may not reach the client. */
  isLossy?: boolean;
  /** The time runs out: worth a case with the real limits. */
  isSlow?: boolean;
}

const DELIVERED = /^2\d\d$/;
const RESET = /^reset$/;
const TIMEOUT = /^timeout$/;
/** Wherever the break fell: in the handshake, in the request, or in the answer. */
const ANY_BREAK = /^(2\d\d|reset|tls|timeout|connect_timeout)$/;

const OK = 'HTTP/1.1 200 OK\r\n';
const EMPTY = 'Content-Length: 0\r\n\r\n';
const TWIML = '<Response><Message>Hello</Message></Response>';

const whole = (random: () => number, from: number, to: number) => from + Math.floor(random() * (to - from));
const after =
  (ms: number, behaviour: Behaviour): Behaviour =>
  (exchange) => {
    const timer = setTimeout(() => behaviour(exchange), ms);
    exchange.socket.once('close', () => clearTimeout(timer));
  };
const close: Behaviour = ({ socket }) => socket.destroy();
const reset: Behaviour = (exchange) => {
  if (exchange.socket instanceof TLSSocket) close(exchange);
  else exchange.socket.resetAndDestroy();
};
const then =
  (...behaviours: Behaviour[]): Behaviour =>
  (exchange) => {
    for (const behaviour of behaviours) behaviour(exchange);
  };
/** Writes a text a few characters at a time, and begins it again for as long as it is told to. */
const drip =
  (head: string, text: string, everyMs: number, isEndless: boolean): Behaviour =>
  ({ socket }) => {
    let at = 0;
    socket.write(head);
    const timer = setInterval(() => {
      socket.write(text.slice(at, at + 4));
      at += 4;
      if (at < text.length) return;
      at = 0;
      if (!isEndless) socket.end();
    }, everyMs);
    socket.on('close', () => clearInterval(timer));
  };

/** A fault of the answer that leaves no doubt and can pass: retried, so that once it does no harm. */
const passing = (name: string, onRequest: Fault['onRequest'], always: RegExp): Fault => ({
  name,
  ...(onRequest && { onRequest }),
  once: DELIVERED,
  always,
});
/** Whatever it is, Fikiri has the text. */
const harmless = (name: string, onRequest: Fault['onRequest'], more: Partial<Fault> = {}): Fault => ({
  ...passing(name, onRequest, DELIVERED),
  ...more,
});
/** Repeated by nobody: it would be the same again, or may have arrived. */
const final = (name: string, onRequest: Fault['onRequest'], outcome: RegExp, isSlow = false): Fault => ({
  ...passing(name, onRequest, outcome),
  once: outcome,
  isSlow,
});

const STATUSES: Fault[] = [
  ...[200, 201, 202, 204, 205, 206, 226, 299].map((status) =>
    harmless(`status ${status}`, () => answer(status)),
  ),
  ...[300, 301, 302, 303, 304, 305, 307, 308, 399].map((status) =>
    final(
      `redirect ${status}`,
      ({ elsewhere }) => answer(status, { Location: elsewhere }),
      new RegExp(`^status_${status}$`),
    ),
  ),
  ...[400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 418, 421, 422, 431, 451, 499].map(
    (status) => final(`status ${status}`, () => answer(status, {}, 'no'), new RegExp(`^status_${status}$`)),
  ),
  ...[408, 425, 429, 500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 599, 600, 999].map((status) =>
    passing(`status ${status}`, () => answer(status, {}, 'later'), new RegExp(`^status_${status}$`)),
  ),
];

const RETRY_AFTER: Fault[] = [
  ...[
    '',
    '-1',
    'soon',
    '1.5',
    '0',
    '00',
    '0x10',
    '1e3',
    'Infinity',
    'Sun, 32 Foo 2026',
    '\u00e9',
    '1, 2',
  ].map((value) =>
    passing(
      `Retry-After "${value}"`,
      ({ random }) => answer(pick(random, [429, 503]), { 'Retry-After': value }),
      /^status_(429|503)$/,
    ),
  ),
  passing('Retry-After 1', () => answer(503, { 'Retry-After': '1' }), /^status_503$/),
  ...['7', '3600', '2147483648', '9'.repeat(30), '9'.repeat(8000), 'Fri, 31 Dec 9999 23:59:59 GMT'].map(
    (value) =>
      final(
        `Retry-After ${value.slice(0, 31)} (${value.length} characters)`,
        () => answer(503, { 'Retry-After': value }),
        /^status_503$/,
      ),
  ),
  passing('Retry-After of 20,000 digits', () => answer(503, { 'Retry-After': '9'.repeat(20_000) }), RESET),
];

const NO_ANSWER: Fault[] = [
  passing('reset after the request', () => reset, RESET),
  passing('closed after the request', () => closeUnanswered, RESET),
  passing('reset a while after', ({ random, realMs }) => after(realMs(random() * 600), reset), RESET),
  final('hangs after the request', () => hang, TIMEOUT, true),
  final('hangs in the status line', () => writeRaw('HTTP/1.1 20'), TIMEOUT, true),
  final('hangs behind the status line', () => writeRaw(OK), TIMEOUT, true),
  final('hangs in the headers', () => writeRaw(`${OK}Content-Ty`), TIMEOUT, true),
  final('answers too late', ({ realMs }) => after(realMs(8000), answer(200)), TIMEOUT, true),
  final('headers drip', ({ realMs }) => drip(OK, 'X-Drip: x\r\n', realMs(50), true), TIMEOUT, true),
  final('1xx drip', ({ realMs }) => drip('', 'HTTP/1.1 102 \r\n\r\n', realMs(20), true), TIMEOUT, true),
  final('1xx flood, then silence', () => writeRaw('HTTP/1.1 103 \r\n\r\n'.repeat(20_000)), TIMEOUT),
  passing('closed in the status line', () => then(writeRaw('HTTP/1.1 20'), close), RESET),
  passing('closed in the headers', () => then(writeRaw(`${OK}Content-Type: te`), close), RESET),
  passing('header flood', () => flood(OK, `X-Flood: ${'x'.repeat(8000)}\r\n`), RESET),
  passing('one endless header', () => flood(`${OK}X-Flood: `, 'x'.repeat(8000)), RESET),
  passing('upgrade', () => writeRaw('HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'), RESET),
  ...[
    ['another protocol', '220 smtp.example ESMTP\r\n'],
    ['HTTP/2', '\u0000\u0000\u0012\u0004\u0000\u0000\u0000\u0000\u0000'],
    ['a status of letters', 'HTTP/1.1 2xx OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', `HTTP/1.1 2000 OK\r\n${EMPTY}`],
    ['a space before the status line', ` ${OK}${EMPTY}`],
    ['HTTP/9.9', `HTTP/9.9 200 OK\r\n${EMPTY}`],
    ['a NUL in a header', `${OK}X: a\u0000b\r\n${EMPTY}`],
    ['a length of letters', `${OK}Content-Length: many\r\n\r\n`],
    ['two lengths', `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`],
    ['a length and chunks', `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a web page without a head', '<html><body>200 OK</body></html>'],
  ].map(([name, bytes = '']) => ({
    ...passing(`answers with ${name}`, () => then(writeRaw(bytes), close), RESET),
    isLossy: true,
  })),
  {
    ...passing(
      'answers with bytes by chance',
      ({ random }) =>
        ({ socket }) =>
          socket.end(Buffer.from(Array.from({ length: 200 }, () => whole(random, 0, 256)))),
      RESET,
    ),
  },
];

const ODD_ANSWERS: Fault[] = [
  harmless('slow answer', ({ random, realMs }) => after(realMs(500 + random() * 3000), answer(200))),
  harmless('answer that drips', ({ realMs }) => drip('', `${OK}${EMPTY}`, realMs(100), false)),
  harmless('1xx flood, then an answer', () =>
    writeRawAndClose('HTTP/1.1 102 \r\n\r\n'.repeat(20_000) + OK + EMPTY),
  ),
  harmless('HTTP/1.0', () => writeRawAndClose('HTTP/1.0 200 OK\r\n\r\n')),
  harmless('no reason phrase', () => writeRawAndClose(`HTTP/1.1 200\r\n${EMPTY}`)),
  harmless('Connection: close', () => answer(200, { Connection: 'close' })),
  harmless('the answer twice', () => writeRaw(`${OK}${EMPTY}${OK}${EMPTY}`)),
  harmless('an answer and a refusal', () => writeRaw(`${OK}${EMPTY}HTTP/1.1 403 No\r\n${EMPTY}`)),
  harmless('bytes behind the answer', () => writeRaw(`${OK}${EMPTY}more`)),
  harmless('reset behind the answer', ({ random, realMs }) =>
    then(writeRaw(`${OK}${EMPTY}`), after(realMs(random() * 50 + 200), reset)),
  ),
  harmless('hangs in a web page', () => writeRaw(`${OK}Content-Type: text/html\r\n\r\n<html>`)),
  harmless('hangs in TwiML', () => writeRaw(`${OK}Content-Type: text/xml\r\n\r\n<Response>`), {
    isSlow: true,
  }),
  harmless(
    'TwiML drips',
    ({ realMs }) => drip(`${OK}Content-Type: text/xml\r\n\r\n`, '<Response>', realMs(50), true),
    { isSlow: true },
  ),
  harmless('page drips', ({ realMs }) => drip(`${OK}\r\n`, '<html>', realMs(50), true)),
  harmless('page flood', () => flood(`${OK}Content-Type: text/html\r\n\r\n`, 'x'.repeat(16_000))),
  harmless('TwiML flood', () => flood(`${OK}Content-Type: text/xml\r\n\r\n`, '<Response>'.repeat(1600))),
  harmless('page cut off', () => then(writeRaw(`${OK}Content-Length: 90\r\n\r\nx`), after(20, close))),
  harmless('TwiML cut off', () =>
    then(writeRaw(`${OK}Content-Type: text/xml\r\nContent-Length: 90\r\n\r\n<Resp`), after(20, close)),
  ),
  harmless('chunks cut off', () =>
    then(writeRaw(`${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`), after(20, close)),
  ),
  harmless('broken chunks', () => writeRaw(`${OK}Transfer-Encoding: chunked\r\n\r\nxyz\r\nhel`), {
    isLossy: true,
  }),
  ...[
    '<Response>',
    '<Response',
    '</Response>',
    '<html/>',
    '',
    '{"a":1}',
    '\u0000',
    '<Response><Say>&</Response',
  ].map((xml) => harmless(`TwiML ${JSON.stringify(xml)}`, () => answerXml(xml))),
  ...['', 'text/xmlish', 'application/json', 'image/png', 'x'.repeat(5000), 'text/xml;charset=utf-16'].map(
    (type) => harmless(`type ${type.slice(0, 30)}`, () => answer(200, { 'Content-Type': type }, TWIML)),
  ),
  harmless('compressed', () =>
    answer(200, { 'Content-Encoding': 'br', 'Content-Type': 'text/xml' }, '\u001b'),
  ),
  passing('503 flood', () => flood('HTTP/1.1 503 No\r\n\r\n', 'x'.repeat(16_000)), /^status_503$/),
  passing('503 hangs in its page', () => writeRaw('HTTP/1.1 503 No\r\n\r\n<html>'), /^status_503$/),
];

/** A break at each place by chance, so that one name stands for many faults. */
const breaks = (name: string, breakOff: BreakOff, more: Partial<Fault> = {}): Fault[] => {
  const fault = (at: string, onConnection: Fault['onConnection'], outcomes: Partial<Fault> = {}): Fault => ({
    name: `${name} ${at}`,
    ...(onConnection && { onConnection }),
    once: ANY_BREAK,
    always: ANY_BREAK,
    isLossy: true,
    ...more,
    ...outcomes,
  });
  return [
    fault('before a byte', () => breakAtOnce(breakOff)),
    fault('in the hello or the request', ({ random }) => breakInRequest(whole(random, 1, 300), breakOff)),
    fault('in the handshake or the request', ({ random }) =>
      breakInRequest(whole(random, 1, 2200), breakOff),
    ),
    fault('in the handshake or the answer', ({ random }) => breakInAnswer(whole(random, 1, 2600), breakOff)),
    fault('in the answer', ({ random }) => breakInAnswer(whole(random, 1, 120), breakOff), {
      schemes: ['http'],
    }),
  ];
};

/** What happens where the client has not sent the text yet, or cannot know whether it arrived. */
const CONNECTIONS: Fault[] = [
  // Wherever it falls, a broken connection is tried again: once, it does no harm.
  ...breaks('reset', resetConnection, { once: DELIVERED }),
  ...breaks('closed', closeConnection, { once: DELIVERED }),
  ...breaks('silent', fallSilent, { isSlow: true }),
  {
    name: 'TLS handshake that never begins',
    schemes: ['https'],
    onConnection: () => breakAtOnce(fallSilent),
    once: DELIVERED,
    always: /^connect_timeout$/,
    isSlow: true,
  },
  {
    name: 'expired certificate',
    schemes: ['https'],
    onConnection: ({ expiredPort }) => leadTo(expiredPort),
    once: DELIVERED,
    always: /^tls$/,
  },
  {
    name: 'certificate of another host',
    schemes: ['https'],
    onConnection: ({ wrongHostPort }) => leadTo(wrongHostPort),
    once: DELIVERED,
    always: /^tls$/,
  },
  {
    name: 'no TLS',
    schemes: ['https'],
    onConnection: () => speak(`HTTP/1.1 200 OK\r\n${EMPTY}`),
    once: DELIVERED,
    always: /^tls$/,
  },
  {
    name: 'TLS that fails with an alert',
    schemes: ['https'],
    onConnection: ({ random }) =>
      speak(Buffer.from([21, 3, 3, 0, 2, 2, pick(random, [20, 40, 47, 70, 80, 112])])),
    once: DELIVERED,
    always: /^tls$/,
  },
  {
    name: 'answer a few bytes at a time',
    onConnection: ({ random, realMs }) => dripAnswer(whole(random, 40, 200), realMs(whole(random, 5, 25))),
    once: DELIVERED,
    always: DELIVERED,
  },
];

/** Every failure that can be made on loopback, but for those of a host that is not there at all. */
export const FAULTS: Fault[] = [...STATUSES, ...RETRY_AFTER, ...NO_ANSWER, ...ODD_ANSWERS, ...CONNECTIONS];

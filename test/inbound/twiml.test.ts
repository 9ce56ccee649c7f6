import {
  answer,
  answerXml,
  closeBackends,
  flood,
  startBackend,
  writeRaw,
  writeRawAndClose,
} from '../support/backend';
import { deliverTo } from '../support/deliver-to';

afterEach(closeBackends);

const LIMIT = 64 * 1024;
const TWIML =
  '<?xml version="1.0" encoding="UTF-8"?><Response><Message>Olá 👋 &amp; merci</Message></Response>';

/** TwiML of this many bytes. */
const twimlOf = (bytes: number) => `<Response><Message>${'x'.repeat(bytes - 40)}</Message></Response>`;

const delivered = (twiml?: string) => ({ delivered: true, status: 200, attempts: 1, twiml });

describe("Fikiri's answer: TwiML", () => {
  it.each([
    'text/xml',
    'application/xml; utf-8',
    'application/xml;charset=utf-8',
    'TEXT/XML; charset="UTF-8"',
  ])('as %s is relayed, unchanged', async (type) => {
    const backend = await startBackend(answerXml(TWIML, type));
    expect(await deliverTo(backend.url)).toMatchObject(delivered(TWIML));
  });

  it.each([
    '<Response/>',
    '<Response />',
    '<Response></Response>\n',
    '<!-- a note --><Response>\n<Redirect>/next</Redirect>\n</Response >\n<!-- end -->',
    '\uFEFF<Response><Message>with a byte order mark</Message></Response>',
  ])('%j is relayed, unchanged', async (twiml) => {
    const backend = await startBackend(answerXml(twiml));
    expect(await deliverTo(backend.url)).toMatchObject(delivered(twiml));
  });

  it('in many pieces, cut within a character, is relayed whole', async () => {
    const bytes = Buffer.from(TWIML);
    const backend = await startBackend(({ response }) => {
      response.setHeader('Content-Type', 'text/xml');
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end();
    });
    expect(await deliverTo(backend.url)).toMatchObject(delivered(TWIML));
  });

  it('of exactly 64 kB is relayed', async () => {
    const backend = await startBackend(answerXml(twimlOf(LIMIT)));
    expect(Buffer.byteLength(twimlOf(LIMIT))).toBe(LIMIT);
    expect(await deliverTo(backend.url)).toMatchObject(delivered(twimlOf(LIMIT)));
  });
});

describe("Fikiri's answer: delivered, and nothing to relay", () => {
  it('TwiML of one byte more than 64 kB', async () => {
    const backend = await startBackend(answerXml(twimlOf(LIMIT + 1)));
    expect(await deliverTo(backend.url)).toMatchObject(delivered());
  });

  it.each([
    ['an empty web page, as Fikiri sends', answer(200, { 'Content-Type': 'text/html; charset=utf-8' })],
    ['TwiML that is not labelled as XML', answer(200, { 'Content-Type': 'text/plain' }, TWIML)],
    ['TwiML without a type', answer(200, {}, TWIML)],
    ['a type that only begins like XML', answer(200, { 'Content-Type': 'text/xmlx' }, TWIML)],
    ['a type that only ends like XML', answer(200, { 'Content-Type': 'x-text/xml' }, TWIML)],
    ['XML without a body', answerXml('')],
    ['XML that is not TwiML', answerXml('<html><body/></html>')],
    ['TwiML that is not closed', answerXml('<Response><Message>Hello')],
    ['TwiML that is closed within 64 kB and goes on', answerXml(`<Response/><!--${'x'.repeat(LIMIT)}-->`)],
    ['TwiML cut off in its closing tag', answerXml('<Response><Message>Hello</Message></Respo')],
    [
      'TwiML shorter than its Content-Length',
      writeRawAndClose(
        'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 90\r\n\r\n<Response></Response>',
      ),
    ],
    [
      'TwiML whose last chunk is missing',
      writeRawAndClose(
        'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n<Response/>\r\n',
      ),
    ],
    [
      'a compressed body, which was not asked for',
      answer(200, { 'Content-Type': 'text/xml', 'Content-Encoding': 'gzip' }, '\u001f\u008b\u0008'),
    ],
  ])('%s', async (_, behaviour) => {
    const backend = await startBackend(behaviour);
    expect(await deliverTo(backend.url)).toMatchObject(delivered());
  });

  it.each(['text/xml', 'text/html'])('an endless body of %s, which is cut off', async (type) => {
    let bytesSent: (bytes: number) => void;
    const cutOff = new Promise<number>((resolve) => {
      bytesSent = resolve;
    });
    const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n\r\n`;
    const backend = await startBackend(flood(head, 'x'.repeat(16_384), (bytes) => bytesSent(bytes)));
    expect(await deliverTo(backend.url)).toMatchObject(delivered());
    expect(await cutOff).toBeLessThan(32e6);
  });

  it('TwiML that drips until the budget ends', async () => {
    const backend = await startBackend(
      writeRaw('HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<Response>'),
    );
    expect(await deliverTo(backend.url, undefined, { budgetMs: 400 })).toMatchObject(delivered());
  });

  it('a web page that drips: the text is delivered when its headers are read', async () => {
    const backend = await startBackend(writeRaw('HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>'));
    const delivery = await deliverTo(backend.url);
    expect(delivery).toMatchObject(delivered());
    expect(delivery.ms).toBeLessThan(1000);
  });
});

describe("Fikiri's answer: not delivered", () => {
  it('headers without an end: reset at the size Node allows, at each attempt', async () => {
    const backend = await startBackend(flood('HTTP/1.1 200 OK\r\n', `X-Flood: ${'x'.repeat(8000)}\r\n`));
    const delivery = await deliverTo(backend.url);
    expect(delivery).toMatchObject({ delivered: false, reason: 'reset', attempts: 4 });
    expect(delivery.ms).toBeLessThan(4000);
  });

  it('a 503 whose XML drips: retried at once, its body unread', async () => {
    const head = 'HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/xml\r\n\r\n<Error>';
    const backend = await startBackend(writeRaw(head), answer(200));
    const delivery = await deliverTo(backend.url);
    expect(delivery).toMatchObject({ delivered: true, attempts: 2 });
    expect(delivery.ms).toBeLessThan(2000);
  });

  it('TwiML with a 404: failed', async () => {
    const backend = await startBackend(answer(404, { 'Content-Type': 'text/xml' }, TWIML));
    expect(await deliverTo(backend.url)).toMatchObject({ delivered: false, reason: 'status_404' });
  });
});

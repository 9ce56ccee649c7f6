import { validateRequest } from 'twilio';
import { handler } from '../../src/functions/sms.protected';
import { answer, answerXml, closeBackends, startBackend } from '../support/backend';
import { AUTH_TOKEN, hostedContext, MESSAGE_SID, TEXT_FORM } from '../support/inbound-forms';
import { runFunction } from '../support/run-function';

const PATH = '/api/webhooks/twilio/sms';

afterEach(closeBackends);

const MMS_FORM = {
  ...TEXT_FORM,
  MessageSid: `MM${MESSAGE_SID.slice(2)}`,
  Body: '',
  NumMedia: '10',
  ...Object.fromEntries(
    Array.from({ length: 10 }, (_, index) => [
      [
        `MediaUrl${index}`,
        `https://api.twilio.com/2010-04-01/Accounts/AC0/Messages/MM0/Media/ME${index}?a=1&b=%20`,
      ],
      [`MediaContentType${index}`, 'image/jpeg'],
    ]).flat(),
  ),
};

describe('/sms: what Fikiri receives', () => {
  it.each([
    ['a text with empty parameters', TEXT_FORM],
    ['characters that a form escapes', { ...TEXT_FORM, Body: ' 100% + "a&b=c" <d>; é #*~!\'()-_. \\ ' }],
    ['line breaks and tabs', { ...TEXT_FORM, Body: 'one\ntwo\r\nthree\tfour\n' }],
    [
      'characters of all planes',
      { ...TEXT_FORM, Body: 'é ж 漢 👋🏽 👨‍👩‍👧 \u{10FFFD} \uFFFD \u0000 \u200B' },
    ],
    ['a text of 1,600 characters', { ...TEXT_FORM, Body: '👋'.repeat(800) }],
    ['STOP', { ...TEXT_FORM, Body: 'STOP', OptOutType: 'STOP' }],
    ['an MMS with ten pictures and no text', MMS_FORM],
    ['a repeated parameter', { ...TEXT_FORM, Tag: ['b', 'a', 'b', ''] }],
    [
      'parameters Twilio may add one day',
      { ...TEXT_FORM, __proto: 'x', constructor: 'y', 'a[b]': 'z', 7: '8' },
    ],
    ['a parameter named __proto__', JSON.parse('{"__proto__":"x","Body":"Hello"}')],
  ])('%s: each parameter, unaltered, and no other', async (_, form) => {
    const backend = await startBackend(answer(200));
    const { status } = await runFunction(handler, hostedContext(backend.url), form);
    expect(status).toBe(200);
    const [received] = backend.received;
    const expected = Object.entries(form).flatMap(([key, value]) =>
      [value].flat().map((each) => [key, String(each)]),
    );
    expect([...new URLSearchParams(received?.body)]).toEqual(expected);
  });

  it('the request of Twilio, headers and cookies, is no part of it', async () => {
    const backend = await startBackend(answer(200));
    const headers = { 'x-twilio-signature': 'of another URL', cookie: 'a=1', 'x-other': 'y' };
    await runFunction(handler, hostedContext(backend.url), TEXT_FORM, headers);
    const [received] = backend.received;
    expect(received?.body).not.toContain('request');
    expect(Object.keys(received?.headers ?? {}).sort()).toEqual([
      'connection',
      'content-length',
      'content-type',
      'host',
      'idempotency-key',
      'x-twilio-signature',
    ]);
  });

  it("a POST to Fikiri's webhook, for its host, as a form", async () => {
    const backend = await startBackend(answer(200));
    await runFunction(handler, hostedContext(backend.url), TEXT_FORM);
    expect(backend.received).toMatchObject([
      {
        method: 'POST',
        path: PATH,
        headers: {
          host: `127.0.0.1:${backend.port}`,
          'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
          connection: 'keep-alive',
        },
      },
    ]);
  });

  it("a signature for Fikiri's URL, which Twilio's validator accepts", async () => {
    const backend = await startBackend(answer(200));
    await runFunction(handler, hostedContext(`${backend.url}/`), MMS_FORM);
    const [received] = backend.received;
    const form = Object.fromEntries(new URLSearchParams(received?.body));
    const signature = received?.headers['x-twilio-signature'] ?? '';
    expect(validateRequest(AUTH_TOKEN, signature, backend.url + PATH, form)).toBe(true);
    expect(validateRequest('another-token', signature, backend.url + PATH, form)).toBe(false);
  });

  it.each([
    ['of a text', MESSAGE_SID],
    ['of an MMS', `MM${MESSAGE_SID.slice(2)}`],
  ])('the MessageSid %s as Idempotency-Key', async (_, messageSid) => {
    const backend = await startBackend(answer(200));
    await runFunction(handler, hostedContext(backend.url), { ...TEXT_FORM, MessageSid: messageSid });
    expect(backend.received[0]?.headers['idempotency-key']).toBe(messageSid);
  });

  it.each([
    undefined,
    '',
    'SM123',
    'SM0123456789ABCDEF0123456789ABCDEF',
    `x${MESSAGE_SID}`,
    `${MESSAGE_SID}\r\nX-Injected: 1`,
    ['one', 'two'],
  ])('a text without a MessageSid (%j), still, and without the key', async (messageSid) => {
    const backend = await startBackend(answer(200));
    const form = { ...TEXT_FORM, MessageSid: messageSid ?? '' };
    const { status } = await runFunction(handler, hostedContext(backend.url), form);
    expect(status).toBe(200);
    expect(backend.received[0]?.headers['idempotency-key']).toBeUndefined();
    expect(backend.received[0]?.headers['x-injected']).toBeUndefined();
  });
});

describe('/sms: what Twilio is answered', () => {
  const TWIML = '<Response><Message>Olá 👋</Message></Response>';

  it.each([
    ["Fikiri's TwiML", answerXml(TWIML, 'application/xml'), TWIML],
    ['an empty Response for an empty web page', answer(200, { 'Content-Type': 'text/html' }), '<Response/>'],
    ['an empty Response for no content', answer(204), '<Response/>'],
  ])('%s, as text/xml', async (_, behaviour, twiml) => {
    const backend = await startBackend(behaviour);
    const result = await runFunction(handler, hostedContext(backend.url), TEXT_FORM);
    expect(result).toMatchObject({ status: 200, headers: { 'Content-Type': 'text/xml' }, body: twiml });
  });

  it.each([301, 400, 403, 404, 503])(
    '502 when Fikiri answers %i, so that Twilio retries and keeps an alert',
    async (status) => {
      const backend = await startBackend(answer(status, { 'Retry-After': '60' }));
      const result = await runFunction(handler, hostedContext(backend.url), TEXT_FORM);
      expect(result).toMatchObject({
        status: 502,
        headers: { 'Content-Type': 'text/plain' },
        body: `Not delivered to Fikiri: status_${status}`,
      });
    },
  );

  it.each([
    [
      'an error',
      new TypeError('cannot read "Do you open on Sunday?"'),
      /A defect in the Function, at \S+.*:\d+: report it/,
    ],
    ['a text', 'Do you open on Sunday?', /A defect in the Function, undefined:/],
    ['nothing', undefined, /A defect in the Function, undefined:/],
  ])('502, and where it happened, for a defect of our own that throws %s', async (_, thrown, place) => {
    const backend = await startBackend(answer(200));
    const sign = Twilio.getExpectedTwilioSignature;
    Twilio.getExpectedTwilioSignature = () => {
      throw thrown;
    };
    const result = await runFunction(handler, hostedContext(backend.url), TEXT_FORM).finally(() => {
      Twilio.getExpectedTwilioSignature = sign;
    });
    expect(result).toMatchObject({
      status: 502,
      body: 'Not delivered to Fikiri: a defect in the Function',
      log: [{ level: 'error', line: expect.stringMatching(/reason=defect .*report it/) }],
    });
    expect(result.log[0]?.line).toMatch(place);
    expect(result.body + result.log[0]?.line).not.toContain('Sunday');
  });
});

describe('/sms: configuration', () => {
  it.each([
    ['FIKIRI_BASE_URL', undefined, 'FIKIRI_BASE_URL is not set.'],
    ['FIKIRI_BASE_URL', 'http://fikiri.example', 'Use https://fikiri.example.'],
    ['AUTH_TOKEN', undefined, 'AUTH_TOKEN is not set.'],
  ])('%s = %j: 500, and one line that says what to do', async (variable, value, message) => {
    const backend = await startBackend(answer(200));
    const context = { ...hostedContext(backend.url), [variable]: value };
    const { status, body, log } = await runFunction(handler, context, TEXT_FORM);
    expect(status).toBe(500);
    expect(body).toContain(message);
    expect(log).toEqual([{ level: 'error', line: expect.stringContaining(`reason=configuration`) }]);
    expect(log[0]?.line).toContain(message);
    expect(backend.sockets).toHaveLength(0);
  });
});

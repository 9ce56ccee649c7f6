import { getExpectedTwilioSignature } from 'twilio';
import { handler as sms } from '../../src/functions/sms.protected';
import { handler as voice } from '../../src/functions/voice.protected';
import { answer, type Backend, closeBackends, startBackend } from '../support/backend';
import { AUTH_TOKEN, CALL_FORM, CALL_SID, MESSAGE_SID, TEXT_FORM } from '../support/inbound-forms';
import { runFunction } from '../support/run-function';

const TUNNEL = 'a1b2c3.ngrok-free.app';
const TUNNEL_URL = `https://${TUNNEL}/sms`;
let backend: Backend;

beforeEach(async () => {
  backend = await startBackend(answer(200));
});
afterEach(closeBackends);

const sign = (url: string, form: object, token = AUTH_TOKEN) =>
  getExpectedTwilioSignature(token, url, { ...form });

const localContext = () => ({
  DOMAIN_NAME: 'localhost:3000',
  PATH: '/sms',
  AUTH_TOKEN,
  FIKIRI_BASE_URL: backend.url,
});

/** A text that reached the Function off Twilio, at this host and with this signature. */
const receive = (
  signature: string | undefined,
  form: object = TEXT_FORM,
  host: string | undefined = TUNNEL,
) => runFunction(sms, localContext(), { ...form }, { host, 'x-twilio-signature': signature });

describe('a text that reaches /sms through a tunnel or locally', () => {
  it.each([
    ['for the https URL of the tunnel', TUNNEL_URL, TUNNEL],
    ['for the http URL of the tunnel', `http://${TUNNEL}/sms`, TUNNEL],
    ['with the port in the signed URL', `https://${TUNNEL}:443/sms`, TUNNEL],
    ['for the local server', 'http://localhost:3000/sms', 'localhost:3000'],
    ['for the local server, when there is no Host header', 'http://localhost:3000/sms', undefined],
  ])('is delivered when it is signed %s', async (_, url, host) => {
    const { status } = await runFunction(sms, localContext(), TEXT_FORM, {
      ...(host && { host }),
      'x-twilio-signature': sign(url, TEXT_FORM),
    });
    expect(status).toBe(200);
    expect(backend.received).toHaveLength(1);
  });

  it('is delivered when a signed parameter is repeated', async () => {
    const form = { ...TEXT_FORM, Tag: ['b', 'a'] };
    expect(await receive(sign(TUNNEL_URL, form), form)).toMatchObject({ status: 200 });
  });

  const good = sign(TUNNEL_URL, TEXT_FORM);
  const { Body: _, ...withoutBody } = TEXT_FORM;
  const otherUrl = 'https://api.fikirisolutions.com/api/webhooks/twilio/sms';
  it.each<{ when: string; signature?: string; form?: object; host?: string }>([
    { when: 'it is not signed' },
    { when: 'its signature is empty', signature: '' },
    { when: "it is signed with another account's token", signature: sign(TUNNEL_URL, TEXT_FORM, 'another') },
    { when: 'it is signed for another path', signature: sign(`https://${TUNNEL}/voice`, TEXT_FORM) },
    { when: 'it is signed for another host', signature: sign('https://other.example/sms', TEXT_FORM) },
    { when: "it is signed for Fikiri's own URL", signature: sign(otherUrl, TEXT_FORM) },
    { when: 'its text was altered', signature: good, form: { ...TEXT_FORM, Body: 'Forged' } },
    { when: 'its sender was altered', signature: good, form: { ...TEXT_FORM, From: '+14155550199' } },
    {
      when: 'a parameter was added',
      signature: good,
      form: { ...TEXT_FORM, MediaUrl0: 'https://x.example' },
    },
    {
      when: 'a parameter named __proto__ was added',
      signature: good,
      form: { ...TEXT_FORM, ...JSON.parse('{"__proto__":"x"}') },
    },
    { when: 'a parameter was taken out', signature: good, form: withoutBody },
    {
      when: 'a parameter was repeated',
      signature: good,
      form: { ...TEXT_FORM, Body: [TEXT_FORM.Body, 'x'] },
    },
    { when: 'the signature is that of a GET: of the URL alone', signature: sign(TUNNEL_URL, {}) },
    {
      when: 'the signature is that of a GET with its query',
      signature: sign(`${TUNNEL_URL}?${new URLSearchParams(TEXT_FORM)}`, {}),
    },
    { when: 'its Host header is no host', signature: sign('https://a b/sms', TEXT_FORM), host: 'a b' },
    { when: 'a parameter is named request', signature: good, form: { ...TEXT_FORM, request: 'x' } },
  ])('is refused when $when', async ({ signature, form, host }) => {
    const { status, log } = await receive(signature, form, host);
    expect(status).toBe(403);
    expect(backend.sockets).toHaveLength(0);
    expect(log).toEqual([
      { level: 'warn', line: expect.stringMatching(/^sms refused sid=\S+ from=\S+ reason=signature /) },
    ]);
  });

  it('is refused with one line that says why', async () => {
    const { log, body } = await receive(undefined);
    expect(body).toBe('Refused: not signed by Twilio for this URL.');
    const fix = 'Not signed by Twilio for this URL: nothing to do unless you sent it';
    const line = `sms refused sid=${MESSAGE_SID} from=+1******0123 reason=signature fix="${fix}"`;
    expect(log).toEqual([{ level: 'warn', line }]);
  });

  it.each(['evil.twil.io.example', 'twil.io.example:3000', 'xtwil.io'])(
    'is checked on %s too',
    async (domain) => {
      const context = { ...localContext(), DOMAIN_NAME: domain };
      expect(await runFunction(sms, context, TEXT_FORM, { host: domain })).toMatchObject({ status: 403 });
    },
  );

  it("is not taken for one of Twilio's gateway because of its Host header", async () => {
    expect(await receive(undefined, TEXT_FORM, 'fikiri-1234.twil.io')).toMatchObject({ status: 403 });
  });
});

describe('a text that reaches /sms on *.twil.io', () => {
  it.each([undefined, 'of another URL'])(
    'is delivered: the gateway has checked it (signature: %s)',
    async (signature) => {
      const context = { ...localContext(), DOMAIN_NAME: 'x-1234.twil.io' };
      const { status } = await runFunction(sms, context, TEXT_FORM, { 'x-twilio-signature': signature });
      expect(status).toBe(200);
      expect(backend.received).toHaveLength(1);
    },
  );
});

describe('a call that reaches /voice off Twilio', () => {
  const context = { DOMAIN_NAME: 'localhost:3000', PATH: '/voice', AUTH_TOKEN };
  const url = `https://${TUNNEL}/voice`;

  it('is answered when it is signed', async () => {
    const headers = { host: TUNNEL, 'x-twilio-signature': sign(url, CALL_FORM) };
    expect(await runFunction(voice, context, CALL_FORM, headers)).toMatchObject({ status: 200 });
  });

  it('is answered without a check when there is no token: the greeting is no secret', async () => {
    const withoutToken = { ...context, AUTH_TOKEN: undefined };
    expect(await runFunction(voice, withoutToken, CALL_FORM)).toMatchObject({ status: 200 });
  });

  it('is refused when it is not signed, with one line', async () => {
    const { status, body, log } = await runFunction(voice, context, CALL_FORM, { host: TUNNEL });
    expect({ status, body }).toEqual({ status: 403, body: 'Refused: not signed by Twilio for this URL.' });
    expect(log).toEqual([
      {
        level: 'warn',
        line: expect.stringContaining(`voice refused sid=${CALL_SID} from=+1******0123 reason=signature`),
      },
    ]);
  });
});

import { createHmac } from 'node:crypto';
import { getExpectedTwilioSignature } from 'twilio';
import { handler as sms } from '../../src/functions/sms.protected';
import { handler as voice } from '../../src/functions/voice.protected';
import { generateForms } from '../contract/generated-forms';
import { answer, type Backend, closeBackends, startBackend } from '../support/backend';
import { AUTH_TOKEN, CALL_FORM, hostedContext, TEXT_FORM } from '../support/inbound-forms';
import { runFunction } from '../support/run-function';
import { pick, seededRandom } from '../support/seeded-random';

const HOST = 'a1b2c3.ngrok-free.app';
const URL_OF_SMS = `https://${HOST}/sms`;
const SEED = Number(process.env['FORGERY_SEED'] ?? 20261122);
const MUTATIONS = 2000;

type Parameters = Record<string, unknown>;
interface Inbound {
  form: Parameters;
  headers: Parameters;
}

let backend: Backend;

beforeEach(async () => {
  backend = await startBackend(answer(200));
});
afterEach(closeBackends);

const sign = (form: Parameters, url = URL_OF_SMS, token = AUTH_TOKEN) =>
  getExpectedTwilioSignature(token, url, form);

const signed = (form: Parameters, signature: unknown = sign(form)): Inbound => ({
  form,
  headers: { host: HOST, 'x-twilio-signature': signature },
});

/** Hands /sms a request as the local server does, where a parameter can take the place of `request`. */
const receive = ({ form, headers }: Inbound, token: unknown = AUTH_TOKEN) =>
  runFunction(
    sms,
    { ...hostedContext(backend.url), DOMAIN_NAME: 'localhost:3000', AUTH_TOKEN: token },
    form,
    {
      ...headers,
    },
  );

const good = sign(TEXT_FORM);
const { Body: body, ...WITHOUT_BODY } = TEXT_FORM;
const altered = (parameters: Parameters) => signed({ ...TEXT_FORM, ...parameters }, good);
const at = (host: unknown) => ({ form: TEXT_FORM, headers: { host, 'x-twilio-signature': good } });

/** What is no string once JSON has been read, and what no JSON holds. */
const ODD_VALUES: unknown[] = [
  null,
  undefined,
  true,
  5,
  Number.POSITIVE_INFINITY,
  {},
  { toString: null, valueOf: null },
  { toString: 'x' },
  [],
  [null],
  [[['nested']]],
  [{ toString: null, valueOf: null }],
  JSON.parse('{"__proto__":{"toString":1}}'),
  Object.create(null),
  JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`),
  Symbol('x'),
  10n,
  () => 'x',
];

describe('a forged text, off Twilio', () => {
  it.each<[string, Inbound]>([
    ['for another port', signed(TEXT_FORM, sign(TEXT_FORM, `https://${HOST}:8443/sms`))],
    ['for the URL with a fragment', signed(TEXT_FORM, sign(TEXT_FORM, `${URL_OF_SMS}#rc=1`))],
    ['for the URL with a slash at its end', signed(TEXT_FORM, sign(TEXT_FORM, `${URL_OF_SMS}/`))],
    ['for the URL with a query', signed(TEXT_FORM, sign(TEXT_FORM, `${URL_OF_SMS}?a=b`))],
    ['for another scheme', signed(TEXT_FORM, sign(TEXT_FORM, `ftp://${HOST}/sms`))],
    ['with the empty token', signed(TEXT_FORM, sign(TEXT_FORM, URL_OF_SMS, ''))],
    ['with the token in capitals', signed(TEXT_FORM, sign(TEXT_FORM, URL_OF_SMS, AUTH_TOKEN.toUpperCase()))],
    [
      'with another hash',
      signed(TEXT_FORM, createHmac('sha256', AUTH_TOKEN).update(URL_OF_SMS).digest('base64')),
    ],
    ['twice', signed(TEXT_FORM, [good, good])],
    ['twice, the second time well', signed(TEXT_FORM, ['x', good])],
    ['twice, in one header', signed(TEXT_FORM, `${good}, ${good}`)],
    ['with a space behind', signed(TEXT_FORM, `${good} `)],
    ['without its padding', signed(TEXT_FORM, good.replace(/=+$/, ''))],
    ['in other case', signed(TEXT_FORM, good.toLowerCase())],
    ['by an object', signed(TEXT_FORM, { toString: () => good })],
  ])('is refused when it is signed %s', async (_, inbound) => {
    expect(await receive(inbound)).toMatchObject({ status: 403 });
    expect(backend.sockets).toHaveLength(0);
  });

  it.each<[string, Parameters]>([
    ['a letter that looks alike (Cyrillic)', { Body: body.replace('o', '\u043E') }],
    ['a letter of full width', { Body: body.replace('D', '\uFF24') }],
    ['an invisible character', { Body: `${body}\u200B` }],
    ['a space', { Body: `${body} ` }],
    ['a line break', { Body: `${body}\n` }],
    ['a number behind a look-alike plus', { From: TEXT_FORM.From.replace('+', '\uFF0B') }],
    ['another MessageSid', { MessageSid: `SM${'0'.repeat(32)}` }],
    ['an empty parameter more', { MediaUrl0: '' }],
    ['a nameless parameter', { '': 'x' }],
    ['a parameter in another case', { body: 'Forged' }],
    ['a value twice', { Body: [body, body, 'Forged'] }],
    ['the text in a nested value', { Body: { text: body } }],
    ['null for a text', { Body: null }],
    ['a value that JSON cannot hold', { Body: 10n }],
  ])('is refused when it has %s', async (_, parameters) => {
    expect(await receive(altered(parameters))).toMatchObject({ status: 403 });
    expect(backend.sockets).toHaveLength(0);
  });

  it('is refused when one letter is composed in another way', async () => {
    const form = { ...TEXT_FORM, Body: 'Café'.normalize('NFC') };
    const composed = { ...form, Body: form.Body.normalize('NFD') };
    expect(await receive(signed(composed, sign(form)))).toMatchObject({ status: 403 });
  });

  it.each<unknown>([
    'localhost:3000',
    `${HOST}/sms#`,
    `${HOST}/sms?`,
    `${HOST}/sms?x=`,
    `${HOST}@evil.example`,
    `evil.example/${HOST}`,
    `${HOST}.evil.example`,
    `${HOST}.`,
    `user:password@${HOST}`,
    'fikiri-1234.twil.io',
    '',
    [HOST, HOST],
    { toString: null, valueOf: null },
    5,
  ])('is refused when its Host header is %j and it is signed for another', async (host) => {
    expect(await receive(at(host))).toMatchObject({ status: 403 });
    expect(backend.sockets).toHaveLength(0);
  });

  it.each<[string, unknown]>([
    ['a text', 'x'],
    ['null', null],
    ['a list', [{ headers: { host: HOST, 'x-twilio-signature': good } }]],
    ['one without headers', {}],
    ['one whose headers are null', { headers: null }],
    ['one whose headers are a text', { headers: 'x-twilio-signature' }],
    ['one whose signature breaks a conversion', { headers: { 'x-twilio-signature': { toString: null } } }],
    ["another text's", { headers: { host: HOST, 'x-twilio-signature': good } }],
  ])('is refused when a parameter takes the place of the request: %s', async (_, request) => {
    const { status } = await receive(altered({ Body: 'Forged', request }));
    expect(status).toBe(403);
    expect(backend.sockets).toHaveLength(0);
    const context = { DOMAIN_NAME: 'localhost:3000', PATH: '/voice', AUTH_TOKEN };
    expect(await runFunction(voice, context, { ...CALL_FORM, request })).toMatchObject({ status: 403 });
  });

  it.each(['', ' ', null])('is not delivered when the token is %j and signs it', async (token) => {
    const inbound = signed(TEXT_FORM, sign(TEXT_FORM, URL_OF_SMS, token ?? ''));
    expect(await receive(inbound, token)).toMatchObject({ status: 500 });
    expect(backend.sockets).toHaveLength(0);
  });
});

describe('a text that Twilio signed, off Twilio', () => {
  it('is delivered whatever the order of its parameters', async () => {
    const form = Object.fromEntries(Object.entries(TEXT_FORM).reverse());
    expect(await receive(signed(form, good))).toMatchObject({ status: 200 });
    expect(backend.received).toHaveLength(1);
  });

  it('is delivered as it was signed, without what took the place of the request', async () => {
    const request = { headers: { host: HOST, 'x-twilio-signature': good } };
    expect(await receive(altered({ request }))).toMatchObject({ status: 200 });
    expect(Object.fromEntries(new URLSearchParams(backend.received[0]?.body))).toEqual(TEXT_FORM);
  });
});

describe('values that are no text', () => {
  it('are delivered as their JSON, or empty, on Twilio; they crash neither Function', async () => {
    for (const value of ODD_VALUES) {
      const form = { ...WITHOUT_BODY, Body: value, MessageSid: value, From: value, CallSid: value };
      expect(await runFunction(sms, hostedContext(backend.url), form)).toMatchObject({ status: 200 });
      expect(await runFunction(voice, hostedContext(''), form)).toMatchObject({ status: 200 });
    }
    const bodies = backend.received.map((received) => new URLSearchParams(received.body).getAll('Body'));
    expect(bodies.slice(0, 12)).toEqual([
      ['null'],
      [''],
      ['true'],
      ['5'],
      ['null'],
      ['{}'],
      ['{"toString":null,"valueOf":null}'],
      ['{"toString":"x"}'],
      [],
      ['null'],
      ['[["nested"]]'],
      ['{"toString":null,"valueOf":null}'],
    ]);
    expect(bodies.slice(-3)).toEqual([[''], [''], ['']]);
  });

  it('are refused off Twilio, wherever they stand', async () => {
    for (const value of ODD_VALUES) {
      expect(await receive(altered({ Body: value }))).toMatchObject({ status: 403 });
      expect(await receive(signed(TEXT_FORM, value ?? 'x'))).toMatchObject({ status: 403 });
      expect(await receive(altered({ request: value }))).toMatchObject({ status: 403 });
    }
    expect(backend.sockets).toHaveLength(0);
  });
});

/** One change by chance, of the kinds below. */
function mutate(random: () => number, { form, headers }: Inbound): Inbound {
  const keys = Object.keys(form);
  const key = pick(random, keys);
  const otherKey = pick(random, keys);
  const text = String(form[key]);
  const place = Math.floor(random() * (text.length + 1));
  const character = pick(random, ['x', ' ', '\n', '\u0000', '+', '%', '&', 'é', '\u043E', '\u200B', '👋']);
  const signature = String(headers['x-twilio-signature']);
  const signaturePlace = Math.floor(random() * signature.length);
  const { [key]: _, ...withoutKey } = form;
  const withForm = (changed: Parameters) => ({ form: changed, headers });
  const withHeaders = (changed: Parameters) => ({ form, headers: { ...headers, ...changed } });
  return pick(random, [
    () => withForm({ ...form, [key]: text.slice(0, place) + character + text.slice(place) }),
    () => withForm({ ...form, [key]: text.slice(0, place) + character + text.slice(place + 1) }),
    () => withForm({ ...form, [key]: text.slice(0, place) + text.slice(place + 1) }),
    () => withForm({ ...form, [key]: text.toUpperCase() }),
    () => withForm({ ...form, [key]: [form[key], character].flat() }),
    () => withForm({ ...form, [key]: pick(random, [null, true, 5, {}, { text }, [], [null], [[text]]]) }),
    () => withForm({ ...form, [key]: form[otherKey], [otherKey]: form[key] }),
    () => withForm({ ...form, [`${key}${character}`]: pick(random, ['', 'x']) }),
    () => withForm({ ...withoutKey, [`${key}${character}`]: form[key] }),
    () => withForm(withoutKey),
    () => withForm({ ...form, request: pick(random, ODD_VALUES) }),
    () =>
      withHeaders({ host: pick(random, ['localhost:3000', `x${HOST}`, `${HOST}/`, `${HOST}#`, '[::1]']) }),
    () => withHeaders({ host: `${HOST.slice(0, place)}${character}${HOST.slice(place)}` }),
    () => withHeaders({ 'x-twilio-signature': pick(random, [undefined, '', [signature], `${signature}=`]) }),
    () => withHeaders({ 'x-twilio-signature': signature.slice(0, signaturePlace) }),
    () => {
      const bytes = Buffer.from(signature, 'base64');
      bytes[signaturePlace % bytes.length] = (bytes[signaturePlace % bytes.length] ?? 0) ^ 1;
      return withHeaders({ 'x-twilio-signature': bytes.toString('base64') });
    },
    () => withHeaders({ 'x-twilio-signature': sign(form, URL_OF_SMS, AUTH_TOKEN + character) }),
    () => withHeaders({ 'x-twilio-signature': sign(form, URL_OF_SMS + character) }),
  ])();
}

/** What Twilio signs: the form's parameters in order, one behind the other, nothing between them. */
function stringToSign({ form }: Inbound): string {
  const keys = Object.keys(form).sort();
  const values = (key: string) => [...new Set([form[key]].flat())].map(String).sort();
  return keys.flatMap((key) => values(key).map((value) => key + value)).join('');
}

/** A change that the signature covers: Twilio's own scheme cannot tell `a=bc` from `ab=c`. */
function mutateVisibly(random: () => number, inbound: Inbound): Inbound {
  for (;;) {
    const mutated = mutate(random, inbound);
    const isSafe = Object.values(mutated.form).every((value) => isText(value));
    const isSameForm = isSafe && stringToSign(mutated) === stringToSign(inbound);
    const isSameHost = hostOf(mutated) === hostOf(inbound);
    const isSameSignature = mutated.headers['x-twilio-signature'] === inbound.headers['x-twilio-signature'];
    if (!isSameForm || !isSameHost || !isSameSignature) return mutated;
  }
}

const isText = (value: unknown) => [value].flat().every((each) => typeof each === 'string');

/** The host as any reader of the URL takes it: a port or letters in capitals name no other. */
function hostOf({ headers }: Inbound): string | undefined {
  const url = `https://${headers['host']}/sms`;
  return URL.canParse(url) ? new URL(url).href.replace(/:\d+\/sms$/, '/sms') : undefined;
}

describe('a validly signed text, off Twilio', () => {
  it(`is delivered, and none of its ${MUTATIONS} mutations is (FORGERY_SEED=${SEED})`, async () => {
    const random = seededRandom(SEED);
    const forms = generateForms(MUTATIONS / 10, SEED);
    for (const [index, form] of forms.entries()) {
      const inbound = signed(form);
      for (let mutation = 0; mutation < 10; mutation += 1) {
        const forged = mutateVisibly(random, inbound);
        const { status, log } = await receive(forged);
        if (status !== 403) expect({ status, log, from: inbound, to: forged }).toEqual('refused');
      }
      expect(backend.received).toHaveLength(index);
      expect(await receive(inbound)).toMatchObject({ status: 200 });
    }
  }, 30_000);
});

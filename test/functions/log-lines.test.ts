import { handler as sms } from '../../src/functions/sms.protected';
import { handler as voice } from '../../src/functions/voice.protected';
import { answer, type Behaviour, closeBackends, startBackend } from '../support/backend';
import { CALL_FORM, hostedContext, MESSAGE_SID, TEXT_FORM } from '../support/inbound-forms';
import { runFunction } from '../support/run-function';

afterEach(closeBackends);

async function receive(behaviours: Behaviour[], form: Record<string, unknown> = TEXT_FORM) {
  const backend = await startBackend(...behaviours);
  const { log } = await runFunction(sms, hostedContext(backend.url), form);
  return log;
}

describe('the log line of a text', () => {
  const sender = `sid=${MESSAGE_SID} from=\\+1\\*{6}0123`;

  it('delivered by the first attempt: console.log', async () => {
    const line = expect.stringMatching(
      new RegExp(`^sms delivered ${sender} media=0 status=201 attempts=1 ms=\\d+$`),
    );
    expect(await receive([answer(201)])).toEqual([{ level: 'log', line }]);
  });

  it('delivered by a later attempt: console.warn, which Twilio makes a warning of', async () => {
    const line = expect.stringMatching(
      new RegExp(`^sms delivered ${sender} media=0 status=200 attempts=2 ms=\\d+$`),
    );
    expect(await receive([answer(503), answer(200)])).toEqual([{ level: 'warn', line }]);
  });

  it('not delivered: console.error, which Twilio makes an alert of', async () => {
    const line = expect.stringMatching(
      new RegExp(`^sms failed ${sender} reason=status_418 attempts=1 ms=\\d+ fix=".+"$`),
    );
    expect(await receive([answer(418)])).toEqual([{ level: 'error', line }]);
  });

  it.each([
    [301, 'Fikiri redirects: set FIKIRI_BASE_URL to the host it redirects to'],
    [400, "Fikiri refused the text: read Fikiri's log"],
    [403, "Fikiri refused the signature: its TWILIO_AUTH_TOKEN is not this account's"],
    [404, 'Fikiri has no Twilio webhook at FIKIRI_BASE_URL: correct the host'],
    [429, "Fikiri limits its requests: raise the limit for Twilio's webhooks"],
    [500, "Fikiri failed: read Fikiri's log"],
  ])('says what to do about a %i', async (status, fix) => {
    const [entry] = await receive([answer(status, { 'Retry-After': '60' })]);
    expect(entry?.line.endsWith(` fix="${fix}"`)).toBe(true);
  });

  it.each([
    ['10', 10],
    ['100', 0],
    ['-1', 0],
    ['ten', 0],
  ])('counts the pictures of an MMS (NumMedia %s: %i)', async (value, count) => {
    const [entry] = await receive([answer(200)], { ...TEXT_FORM, NumMedia: value });
    expect(entry?.line).toContain(` media=${count} `);
  });

  it('names the first of a repeated parameter', async () => {
    const form = { ...TEXT_FORM, MessageSid: [MESSAGE_SID, 'x'], From: [TEXT_FORM.From, '+14155550199'] };
    const [entry] = await receive([answer(200)], form);
    expect(entry?.line).toMatch(new RegExp(`^sms delivered ${sender} `));
  });

  it('names a text without parameters, too', async () => {
    const [entry] = await receive([answer(200)], {});
    expect(entry?.line).toMatch(/^sms delivered sid=- from=- media=0 status=200 attempts=1 ms=\d+$/);
  });
});

describe('no log line', () => {
  const SECRETS = ['Do you open on Sunday?', '4155550123', '415555', '94103', 'SAN FRANCISCO'];

  it.each([200, 403])('shows what a text says or whose it is (Fikiri answers %i)', async (status) => {
    const [entry] = await receive([answer(status)]);
    for (const secret of SECRETS) expect(entry?.line).not.toContain(secret);
  });

  const ODD_VALUES = [
    'a b sid=SM0 status=200',
    '" fix="none',
    'one\ntwo sms delivered sid=SM1',
    'one\r\ntwo',
    'tab\tand \u2028 line separator',
    '\u001b[31mred',
    '\u0000',
    'é'.repeat(500),
    '👋'.repeat(500),
    '='.repeat(2000),
    ' '.repeat(400),
    'sip:someone@very-long-host.example;transport=tls',
  ];
  const ODD_FORMS = ODD_VALUES.flatMap((value) => [
    { MessageSid: value, From: TEXT_FORM.From, NumMedia: '0' },
    { MessageSid: MESSAGE_SID, From: value, NumMedia: '0' },
    { MessageSid: MESSAGE_SID, From: TEXT_FORM.From, NumMedia: value },
    { MessageSid: [value, value], From: [value], NumMedia: [value, '1'] },
  ]);
  /** One word and fields of one value each, in this order: nothing a sender writes can add to it. */
  const PAIRS =
    /^sms (delivered|failed) sid=[-\w]+ from=[-+*\w]+( (media|status|reason|attempts|ms)=\w+)+( fix="[^"\n]*")?$/;

  it.each([200, 403])('grows to 300 bytes or takes in odd parameters (Fikiri answers %i)', async (status) => {
    const backend = await startBackend(answer(status));
    for (const form of ODD_FORMS) {
      const { log } = await runFunction(sms, hostedContext(backend.url), form);
      expect(log).toHaveLength(1);
      expect(Buffer.byteLength(log[0]?.line ?? '')).toBeLessThan(300);
      expect(log[0]?.line).toMatch(PAIRS);
    }
  });

  it('of a call grows to 300 bytes or takes in odd parameters', async () => {
    for (const value of ODD_VALUES) {
      const form = { ...CALL_FORM, CallSid: value, From: value };
      const { log } = await runFunction(voice, hostedContext(''), form);
      expect(log).toEqual([
        { level: 'log', line: expect.stringMatching(/^voice answered sid=- from=[-+*\w]{1,20}$/) },
      ]);
    }
  });

  it('about the configuration grows to 300 bytes', async () => {
    for (const value of ['', 'x'.repeat(400), `https://${'é'.repeat(400)}/path`, 'https://h/"\n"']) {
      const { status, log } = await runFunction(sms, hostedContext(value), TEXT_FORM);
      expect(status).toBe(500);
      expect(log).toHaveLength(1);
      expect(Buffer.byteLength(log[0]?.line ?? '')).toBeLessThan(300);
      expect(log[0]?.line).toMatch(/ reason=configuration attempts=0 ms=0 fix="FIKIRI_BASE_URL [^"\n]*"$/);
    }
  });
});

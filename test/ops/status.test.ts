import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Twilio } from 'twilio';
import { GREETING } from '../../src/inbound/receive-call';
import type { Finding } from '../../src/ops/checks/finding';
import { attach } from '../../src/ops/commands/attach';
import { status } from '../../src/ops/commands/status';
import { inTwiml } from '../../src/ops/in-twiml';
import type { Operator } from '../../src/ops/operator';
import { type StandInBackend, startStandInBackend } from '../../src/ops/stand-in-backend';
import { answer, closeBackends, startBackend } from '../support/backend';
import { captureOutput, deployBuilt, openTestOperator } from '../support/operator';
import {
  type DeployedProject,
  type MessagingService,
  type PhoneNumber,
  type Resource,
  type SdkHttpClient,
  type StandInTwilio,
  startStandInTwilio,
} from '../support/stand-in-twilio';

const NUMBER = '+18553894992';
const SENDER = '+14155550123';
const OLD_URL = 'https://old.example/sms';
const PROJECT_FOLDER = process.cwd();
const TWO_MINUTES_MS = 120_000;

let twilio: StandInTwilio;
let fikiri: StandInBackend;
let deployed: DeployedProject;
let number: PhoneNumber;
let service: MessagingService;
let verification: Resource;
let folder: string;

// An account in which all is right. The commands read `.env` of the folder they run in: here, an empty one.
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'status-'));
  twilio = await startStandInTwilio();
  fikiri = await startStandInBackend(undefined, twilio.authToken);
  deployed = deployBuilt(twilio, { FIKIRI_BASE_URL: fikiri.origin });
  number = twilio.addNumber({ phone_number: NUMBER });
  service = twilio.addMessagingService({}, [number.sid]);
  verification = twilio.addTollfreeVerification({ tollfree_phone_number_sid: number.sid });
  await captureOutput(() => attach(openOperator()));
  twilio.requests.length = 0;
  process.chdir(folder);
});

afterEach(async () => {
  process.chdir(PROJECT_FOLDER);
  rmSync(folder, { recursive: true });
  fikiri.close();
  await closeBackends();
  await twilio.close();
});

function openOperator(variables: Record<string, string> = {}): Operator {
  return openTestOperator(twilio, { FIKIRI_BASE_URL: fikiri.origin, ...variables });
}

async function look(operator = openOperator(), args: string[] = []) {
  let code = -1;
  const output = await captureOutput(async () => {
    code = await status(args, operator);
  });
  return { code, output };
}

/** What is not right, by what it is about. */
async function findFaults(operator = openOperator()): Promise<{ code: number; faults: Finding[] }> {
  const { code, output } = await look(operator, ['--json']);
  const { findings } = JSON.parse(output) as { findings: Finding[] };
  return { code, faults: findings.filter(({ level }) => level !== 'right') };
}

/** Expects that this one thing is wrong, and nothing else. */
async function expectWrong(fault: Partial<Finding>, operator = openOperator()): Promise<void> {
  const { code, faults } = await findFaults(operator);
  expect(faults).toEqual([{ level: 'wrong', ...fault }]);
  expect(code).toBe(1);
}

/** Expects this one note, which costs no text. */
async function expectNote(fault: Partial<Finding>): Promise<void> {
  const { code, faults } = await findFaults();
  expect(faults).toEqual([{ level: 'note', ...fault }]);
  expect(code).toBe(0);
}

function variable(key: string): Resource {
  const found = twilio.serverless.variables.find((each) => each['key'] === key);
  if (!found) throw new Error(`No variable ${key}`);
  return found;
}

const attachRemedy = 'Texts or calls go elsewhere, or fail without a fallback. Run: npm run attach';

describe('status of what is all right', () => {
  it('shows every check with what it saw, and ends with 0', async () => {
    const { code, output } = await look();
    expect(output.split('\n')).toEqual([
      `✔ account: ${twilio.accountSid} is active`,
      `✔ service: https://${deployed.domain}`,
      `✔ build: ${deployed.build.sid}, 0 day(s) old`,
      '✔ runtime: node22',
      '✔ /sms in the build: protected',
      '✔ /sms unsigned: answered 403',
      '✔ /voice in the build: protected',
      '✔ /voice unsigned: answered 403',
      '✔ /voice signed: answered the greeting',
      '✔ FIKIRI_BASE_URL: deployed as in .env',
      '✔ PHONE_NUMBER: deployed as in .env',
      `✔ number ${NUMBER}: every field as attach sets it`,
      '✔ Messaging Service "My New Notifications Service": its own webhook is in force',
      `✔ toll-free verification ${NUMBER}: TWILIO_APPROVED`,
      `✔ Fikiri is up: ${fikiri.origin}/api/health/live answered 200`,
      '✔ Fikiri checks signatures: a bad signature was answered 403',
      '✔ last 24 h: 0 received, 0 delivered, 0 failed at first, none missing',
      '',
      'All is right.',
    ]);
    expect(code).toBe(0);
  });

  it('with --json gives the same to scripts', async () => {
    const { code, output } = await look(openOperator(), ['--json']);
    const { wrong, findings } = JSON.parse(output);
    expect({ code, wrong }).toEqual({ code: 0, wrong: 0 });
    expect(findings).toHaveLength(17);
    expect(findings[3]).toEqual({ level: 'right', subject: 'runtime', saw: 'node22' });
  });

  it('writes nothing, and sends the Functions two unsigned requests and one signed call', async () => {
    await look();
    expect(twilio.writes()).toEqual([]);
    const sent = twilio.requests.filter(({ host }) => host === deployed.domain);
    expect(sent.map(({ method, path, status: code }) => [method, path, code])).toEqual([
      ['POST', '/sms', 403],
      ['POST', '/voice', 403],
      ['POST', '/voice', 200],
    ]);
    expect(twilio.alerts).toEqual([]);
  });

  it('sends Fikiri a health check and one request with a bad signature, without a text in it', async () => {
    const backend = await startBackend(answer(200), answer(403));
    variable('FIKIRI_BASE_URL')['value'] = backend.url;
    expect((await look(openOperator({ FIKIRI_BASE_URL: backend.url }))).code).toBe(0);
    expect(backend.received.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['GET', '/api/health/live', ''],
      ['POST', '/api/webhooks/twilio/sms', ''],
    ]);
  });

  it('counts the texts of the last day, once they had a minute to arrive', async () => {
    await twilio.text({ from: SENDER, to: NUMBER, body: 'Hello' });
    const operator = openOperator();
    expect((await look(operator)).output).toContain('last 24 h: 0 received, 0 delivered');
    await operator.sleep(TWO_MINUTES_MS);
    const { output } = await look(operator);
    expect(output).toContain('✔ last 24 h: 1 received, 1 delivered, 0 failed at first, none missing');
  });

  it('accepts a Messaging Service that defers to its numbers, whatever its own URL', async () => {
    Object.assign(service, { use_inbound_webhook_on_number: true, inbound_request_url: null });
    const { code, output } = await look();
    expect(output).toContain(`My New Notifications Service": defers to its numbers' webhooks`);
    expect(code).toBe(0);
  });
});

describe('status of the account and the Functions', () => {
  it('finds a suspended account', async () => {
    const inner = twilio.httpClient();
    const httpClient = {
      request: async (options: Parameters<SdkHttpClient['request']>[0]) => {
        const answered = await inner.request(options);
        const isAccount = options.uri.endsWith(`/Accounts/${twilio.accountSid}.json`);
        return isAccount
          ? { ...answered, body: { ...Object(answered.body), status: 'suspended' } }
          : answered;
      },
    } as unknown as SdkHttpClient;
    const client = new Twilio(twilio.accountSid, twilio.authToken, { httpClient });
    const { code, output } = await look({ ...openOperator(), client });
    expect(output).toContain(`✘ account: ${twilio.accountSid} is suspended`);
    expect(code).toBe(1);
  });

  it('finds that nothing is deployed, and still looks at Fikiri', async () => {
    const { serverless } = twilio;
    serverless.services.length = 0;
    await expectWrong({
      subject: 'service',
      saw: 'nothing is deployed',
      remedy: 'Texts do not reach the Functions. Run: npm run deploy',
    });
    expect(fikiri.received).toHaveLength(1);
  });

  it('says how many whole days ago it was built', async () => {
    deployed.build['date_created'] = new Date(Date.now() - 3.9 * 24 * 3_600_000).toISOString();
    expect((await look()).output).toContain(`build: ${deployed.build.sid}, 3 day(s) old`);
  });

  it('finds another runtime', async () => {
    deployed.build['runtime'] = 'node18';
    await expectWrong({
      subject: 'runtime',
      saw: 'node18',
      remedy: 'Twilio retires old runtimes. Run: npm run deploy',
    });
  });

  it('finds a public /sms, and does not send it a request that it would deliver', async () => {
    const versions = deployed.build['function_versions'] as Resource[];
    Object.assign(versions.find(({ path }) => path === '/sms') ?? {}, { visibility: 'public' });
    await expectWrong({
      subject: '/sms in the build',
      saw: 'public',
      remedy: expect.stringContaining('Anyone can forge a text'),
    });
    expect(twilio.requests.filter(({ path }) => path === '/sms')).toEqual([]);
    expect(fikiri.received.map((message) => message.status)).toEqual([403]);
  });

  it('finds a Function that is missing in the build', async () => {
    const versions = deployed.build['function_versions'] as Resource[];
    deployed.build['function_versions'] = versions.filter(({ path }) => path === '/sms');
    await expectWrong({
      subject: '/voice in the build',
      saw: 'missing',
      remedy: 'Twilio gets 404 there. Run: npm run deploy',
    });
  });

  /** An operator whose unsigned requests to /sms are answered so. */
  function openUnsigned(statusCode: number): Operator {
    const operator = openOperator();
    const http = {
      request: async (options: { uri: string; headers?: object }) => {
        const isUnsigned = options.uri.endsWith('/sms') && !('X-Twilio-Signature' in (options.headers ?? {}));
        if (isUnsigned) return { statusCode, body: '<Response/>', headers: {} };
        return operator.http.request(options as Parameters<Operator['http']['request']>[0]);
      },
    } as unknown as Operator['http'];
    return { ...operator, http };
  }

  it.each([400, 401, 403])('takes %i for the refusal of an unsigned request', async (statusCode) => {
    expect(await findFaults(openUnsigned(statusCode))).toEqual({ code: 0, faults: [] });
  });

  it.each([200, 502])('finds that an unsigned request comes through (%i)', async (statusCode) => {
    const remedy =
      'Twilio does not check signatures there: anyone can forge. Run: npm run attach -- --direct at once';
    const fault = { subject: '/sms unsigned', saw: `answered ${statusCode}`, remedy };
    await expectWrong(fault, openUnsigned(statusCode));
  });

  const replaceVoice = (code: string) => {
    const versions = deployed.build['function_versions'] as Resource[];
    const { sid = '' } = versions.find(({ path }) => path === '/voice') ?? {};
    twilio.serverless.contents.set(sid, { bytes: Buffer.from(code), type: 'application/javascript' });
  };

  it('notes a /voice that greets in other words: of another build, or not yet deployed', async () => {
    const twiml = '<Response><Say>Good morning.</Say><Hangup/></Response>';
    replaceVoice(`exports.handler = (context, event, callback) => callback(null, new Twilio.Response()
      .appendHeader('Content-Type', 'text/xml').setBody('${twiml}'));`);
    await expectNote({
      subject: '/voice signed',
      saw: "answered another greeting than this folder's",
      remedy: 'Callers hear that of the build that is live. To put this one online: npm run deploy',
    });
  });

  it.each([
    ['throws', 'exports.handler = () => { throw new Error("broken"); };', 500],
    ['answers JSON', 'exports.handler = (context, event, callback) => callback(null, { Say: "Hi" });', 200],
    [
      'greets and fails',
      `exports.handler = (context, event, callback) => callback(null, new Twilio.Response()
        .setStatusCode(500).setBody('<Say>${inTwiml(GREETING)}</Say>'));`,
      500,
    ],
    ['says nothing', 'exports.handler = (context, event, callback) => callback(null, "Hi");', 200],
  ])('finds a /voice that %s', async (_what, code, statusCode) => {
    replaceVoice(code);
    await expectWrong({
      subject: '/voice signed',
      saw: `answered ${statusCode} without a greeting`,
      remedy: 'Callers hear an error. See: npm run logs',
    });
  });
});

describe('status of the variables', () => {
  const remedy = 'The Functions work with another value than .env has. Run: npm run deploy';

  it.each(['https://other.example', '[REDACTED]'])(
    'finds the value %s, and does not show it',
    async (value) => {
      variable('FIKIRI_BASE_URL')['value'] = value;
      await expectWrong({ subject: 'FIKIRI_BASE_URL', saw: 'deployed with another value', remedy });
    },
  );

  it('finds one that is not deployed', async () => {
    const { variables } = twilio.serverless;
    variables.splice(variables.indexOf(variable('PHONE_NUMBER')), 1);
    await expectWrong({ subject: 'PHONE_NUMBER', saw: 'not deployed', remedy });
  });

  it('looks at all that .env sets but the credentials', async () => {
    writeFileSync('.env', `ACCOUNT_SID=${twilio.accountSid}\nAUTH_TOKEN=secret\nCOLOUR=blue\nEMPTY=\n`);
    await expectWrong({ subject: 'COLOUR', saw: 'not deployed', remedy });
  });

  it('notes one that .env does not have', async () => {
    twilio.serverless.variables.push({ ...variable('PHONE_NUMBER'), key: 'OLD_URL', value: OLD_URL });
    await expectNote({
      subject: 'other variables',
      saw: 'OLD_URL',
      remedy: expect.stringContaining('the toolkit never removes one'),
    });
  });
});

describe('status of the numbers', () => {
  it.each([
    ['sms_url', OLD_URL, `smsUrl is ${OLD_URL}`],
    ['sms_url', '', 'smsUrl is empty'],
    ['voice_method', 'GET', 'voiceMethod is GET'],
    ['sms_fallback_url', '', 'smsFallbackUrl is empty'],
    ['voice_fallback_method', 'POST', 'voiceFallbackMethod is POST'],
    ['sms_application_sid', `AP${'a'.repeat(32)}`, `smsApplicationSid is AP${'a'.repeat(32)}`],
    ['voice_application_sid', `AP${'a'.repeat(32)}`, `voiceApplicationSid is AP${'a'.repeat(32)}`],
    ['trunk_sid', `TK${'a'.repeat(32)}`, `trunkSid is TK${'a'.repeat(32)}`],
  ])('finds a number whose %s is "%s"', async (property, value, saw) => {
    Object.assign(number, { [property]: value });
    await expectWrong({ subject: `number ${NUMBER}`, saw, remedy: attachRemedy });
  });

  it('finds a Messaging Service with another webhook', async () => {
    service.inbound_request_url = OLD_URL;
    await expectWrong({
      subject: 'Messaging Service "My New Notifications Service"',
      saw: `inboundRequestUrl is ${OLD_URL}`,
      remedy: attachRemedy,
    });
  });

  it('finds a Messaging Service that drops its texts', async () => {
    service.inbound_request_url = null;
    await expectWrong({
      subject: 'Messaging Service "My New Notifications Service"',
      saw: 'has no webhook and does not defer to its numbers',
      remedy: 'Twilio drops its texts without a trace. Run at once: npm run attach',
    });
  });

  it('finds a number that is not in the account', async () => {
    const numbers = `${NUMBER},+14155550177`;
    variable('PHONE_NUMBER')['value'] = numbers;
    const saw = expect.stringContaining('+14155550177 is not in this Twilio account; its numbers are');
    const remedy = 'This could not be checked. Mend it, then run: npm run status';
    await expectWrong({ subject: 'numbers', saw, remedy }, openOperator({ PHONE_NUMBER: numbers }));
  });

  it.each(['PENDING_REVIEW', 'IN_REVIEW', 'TWILIO_REJECTED'])(
    'notes a toll-free number whose verification is %s: only replies are blocked',
    async (state) => {
      verification['status'] = state;
      const remedy = expect.stringContaining(
        'Replies are blocked (error 30032); texts to the number still arrive.',
      );
      await expectNote({ subject: `toll-free verification ${NUMBER}`, saw: state, remedy });
    },
  );

  it('notes a toll-free number that was never submitted, though another of the account was', async () => {
    verification['tollfree_phone_number_sid'] = `PN${'0'.repeat(32)}`;
    const remedy = expect.stringContaining('Twilio Console > Regulatory Compliance');
    await expectNote({ subject: `toll-free verification ${NUMBER}`, saw: 'none submitted', remedy });
  });

  /** The account's number is this one. */
  function renumber(phoneNumber: string): Operator {
    Object.assign(number, { phone_number: phoneNumber });
    variable('PHONE_NUMBER')['value'] = phoneNumber;
    return openOperator({ PHONE_NUMBER: phoneNumber });
  }

  it.each(['800', '833', '844', '855', '866', '877', '888'])(
    'asks for the verification of a number of area %s',
    async (area) => {
      twilio.tollfreeVerifications.length = 0;
      const { faults } = await findFaults(renumber(`+1${area}5550100`));
      expect(faults).toMatchObject([{ level: 'note', saw: 'none submitted' }]);
    },
  );

  it.each(['+14155550100', '+18225550100', '+448005550100'])(
    'asks for no verification of a number that is not toll-free: %s',
    async (phoneNumber) => {
      twilio.tollfreeVerifications.length = 0;
      expect(await findFaults(renumber(phoneNumber))).toEqual({ code: 0, faults: [] });
    },
  );

  it('tells several numbers and their Messaging Services apart', async () => {
    const second = twilio.addNumber({ phone_number: '+14155550100' });
    const friendly_name = 'Second';
    twilio.addMessagingService({ friendly_name, inbound_request_url: OLD_URL }, [second.sid]);
    const numbers = `${NUMBER},+14155550100`;
    variable('PHONE_NUMBER')['value'] = numbers;
    const { faults } = await findFaults(openOperator({ PHONE_NUMBER: numbers }));
    expect(faults).toMatchObject([
      { subject: 'number +14155550100', saw: expect.stringContaining('smsUrl is empty') },
      {
        subject: 'Messaging Service "Second"',
        saw: expect.stringContaining(`inboundRequestUrl is ${OLD_URL}`),
      },
    ]);
  });

  it('notes that there is no fallback asset', async () => {
    deployed.build['asset_versions'] = [];
    Object.assign(number, { sms_fallback_url: '', voice_fallback_url: '' });
    service.fallback_url = null;
    await expectNote({
      subject: 'fallback',
      saw: 'no asset deployed',
      remedy: 'A sender whose text fails gets no answer; the text is kept all the same. Run: npm run deploy',
    });
  });
});

describe('status of Fikiri', () => {
  it('finds that it is down', async () => {
    fikiri.close();
    const { code, faults } = await findFaults();
    expect(faults.map(({ level, subject }) => [level, subject])).toEqual([
      ['wrong', 'Fikiri is up'],
      ['wrong', 'Fikiri checks signatures'],
    ]);
    expect(faults[0]?.remedy).toContain('Texts wait until Fikiri is back');
    expect(faults[0]?.saw).toContain(`${fikiri.origin}/api/health/live did not answer`);
    expect(code).toBe(1);
  });

  it.each([
    ['is unhealthy', 503, 403, 'Fikiri is up', 'Texts wait until Fikiri is back'],
    ['takes a forged text', 200, 200, 'Fikiri checks signatures', 'It takes forged texts from anyone.'],
    ['has no such webhook', 200, 404, 'Fikiri checks signatures', 'Its webhook is not as expected.'],
  ])('finds that it %s', async (_what, health, refusal, subject, remedy) => {
    const backend = await startBackend(answer(health), answer(refusal));
    variable('FIKIRI_BASE_URL')['value'] = backend.url;
    const saw = expect.stringMatching(`answered ${subject === 'Fikiri is up' ? health : refusal}$`);
    const fault = { subject, saw, remedy: expect.stringContaining(remedy) };
    await expectWrong(fault, openOperator({ FIKIRI_BASE_URL: backend.url }));
  });

  it('waits 15 s for an answer of it, or of a Function', async () => {
    const operator = openOperator();
    const timeouts: unknown[] = [];
    const request: Operator['http']['request'] = (options) => {
      timeouts.push(options.timeout);
      return operator.http.request(options);
    };
    await look({ ...operator, http: { request } });
    expect(timeouts).toEqual([15_000, 15_000, 15_000, 15_000, 15_000]);
  });

  it('finds a FIKIRI_BASE_URL that no text could be delivered to', async () => {
    const { code, faults } = await findFaults(
      openOperator({ FIKIRI_BASE_URL: 'https://api.fikiri.example/api' }),
    );
    expect(faults.map(({ subject }) => subject)).toEqual(['variables', 'Fikiri']);
    expect(faults[0]?.saw).toContain('it has a path');
    expect(code).toBe(1);
  });
});

describe('status of the last 24 hours', () => {
  it('finds a text that Fikiri does not have, and gives its SID', async () => {
    const { sid } = twilio.addMessage({ from: SENDER, to: NUMBER, body: 'lost' });
    const operator = openOperator();
    await operator.sleep(TWO_MINUTES_MS);
    const saw = `1 received, 0 delivered, 0 failed at first, 1 missing: ${sid}`;
    const remedy = 'Look at them: npm run replay -- --reconcile --dry-run. Then the same without --dry-run';
    await expectWrong({ subject: 'last 24 h', saw, remedy }, operator);
    await operator.sleep(24 * 60 * 60_000);
    expect((await look(operator)).output).toContain('✔ last 24 h: 0 received');
  });

  it.each([
    [10, / 10 missing: (SM\w{32} ?){10}$/],
    [11, / 11 missing: (SM\w{32} ){10}…$/],
  ])('gives ten SIDs at the most, of %i', async (count, saw) => {
    for (let text = 1; text <= count; text += 1)
      twilio.addMessage({ from: SENDER, to: NUMBER, body: `${text}` });
    const operator = openOperator();
    await operator.sleep(TWO_MINUTES_MS);
    const { faults } = await findFaults(operator);
    expect(faults[0]?.saw).toMatch(saw);
  });

  it('finds a text that failed', async () => {
    fikiri.close();
    const { messageSid } = await twilio.text({ from: SENDER, to: NUMBER, body: 'Hello?' });
    const operator = openOperator();
    await operator.sleep(TWO_MINUTES_MS);
    const { faults } = await findFaults(operator);
    expect(faults.find(({ subject }) => subject === 'last 24 h')?.saw).toBe(
      `1 received, 0 delivered, 1 failed at first, 1 missing: ${messageSid}`,
    );
  }, 30_000);
});

describe('status when Twilio does not answer', () => {
  it.each([
    [{ status: 401 }, 'Twilio answered 401 (error 20003): The stand-in was told to fail. Check ACCOUNT_SID'],
    ['reset', 'Twilio was not reached: socket hang up. Check the network'],
    ['hang', 'Twilio was not reached: timeout of 30000ms exceeded. Check the network'],
  ] as const)('says so and looks no further: %p', async (failure, saw) => {
    twilio.fail(({ host }) => host.endsWith('.twilio.com'), failure);
    await expectWrong({
      subject: 'account',
      saw: expect.stringContaining(saw),
      remedy: 'This could not be checked. Mend it, then run: npm run status',
    });
  });

  it('throws a defect on, with its stack', async () => {
    const sleep = () => {
      throw new TypeError('a defect');
    };
    await expect(look({ ...openOperator(), sleep })).rejects.toThrow(TypeError);
  });

  it('says which check could not be made, and makes the others', async () => {
    twilio.fail(({ path }) => path.endsWith('/Messages.json'), { status: 500 });
    const { code, output } = await look();
    expect(output).toContain('✘ last 24 h: Twilio answered 500 (error 20500)');
    expect(output).toContain('    This could not be checked.');
    expect(output.match(/^✔/gm)).toHaveLength(16);
    expect(output).toMatch(/\n1 wrong: a text can be lost or forged\.$/);
    expect(code).toBe(1);
  });
});

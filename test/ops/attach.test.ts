import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Twilio } from 'twilio';
import { GREETING } from '../../src/inbound/receive-call';
import { type AttachOptions, attach, attachCommand } from '../../src/ops/commands/attach';
import { explainError } from '../../src/ops/explain-error';
import { inTwiml } from '../../src/ops/in-twiml';
import { type StandInBackend, startStandInBackend } from '../../src/ops/stand-in-backend';
import { captureOutput, deployBuilt, openTestOperator } from '../support/operator';
import {
  type JournalEntry,
  type PhoneNumber,
  type SdkHttpClient,
  type StandInTwilio,
  startStandInTwilio,
} from '../support/stand-in-twilio';

const NUMBER = '+18553894992';
const OTHER_NUMBER = '+14155550100';
const SENDER = '+14155550123';
const OLD_URL = 'https://old.example/sms';
const APPLICATION = `AP${'a'.repeat(32)}`;
const TRUNK = `TK${'b'.repeat(32)}`;
const RETRY = '#rc=1&rp=ct,rt,5xx';

let twilio: StandInTwilio;
let fikiri: StandInBackend;
let domain: string;
/** Where texts went before. */
let old: StandInBackend;

beforeEach(async () => {
  twilio = await startStandInTwilio();
  fikiri = await startStandInBackend(undefined, twilio.authToken);
  old = await startStandInBackend(undefined, twilio.authToken);
});
afterEach(async () => {
  fikiri.close();
  old.close();
  await twilio.close();
});

/** The project online, and the number as it was bought. */
function deployed(number: Partial<PhoneNumber> = {}): PhoneNumber {
  domain = deployBuilt(twilio, { FIKIRI_BASE_URL: fikiri.origin }).domain;
  return twilio.addNumber({ phone_number: NUMBER, ...number });
}

function run(options: AttachOptions = {}, variables: Record<string, string> = {}): Promise<string> {
  const operator = openTestOperator(twilio, { FIKIRI_BASE_URL: fikiri.origin, ...variables });
  return captureOutput(() => attach(operator, options));
}

/** What the operator reads when it fails. */
async function failure(options: AttachOptions = {}, variables: Record<string, string> = {}): Promise<string> {
  const error: unknown = await run(options, variables).then(
    () => undefined,
    (reason) => reason,
  );
  return explainError(error) ?? `Not an operator's error: ${(error as Error)?.stack}`;
}

/** The Functions' URLs as the number is to have them. */
function functionUrls(): Partial<PhoneNumber> {
  return {
    sms_url: `https://${domain}/sms${RETRY}`,
    sms_method: 'POST',
    sms_fallback_url: `https://${domain}/sms-unavailable.xml`,
    sms_fallback_method: 'GET',
    voice_url: `https://${domain}/voice`,
    voice_method: 'POST',
    voice_fallback_url: `https://${domain}/voice-unavailable.xml`,
    voice_fallback_method: 'GET',
  };
}

function writtenPaths(): string[] {
  return twilio.writes().map(({ path }) => path.replace(/.*\/(\w+)\/(PN|MG).*/, '$1'));
}

/** Everything but the resources' own dates. */
function snapshot(): unknown {
  const { numbers, messagingServices } = twilio;
  return JSON.parse(
    JSON.stringify({ numbers, messagingServices }, (key, value) =>
      key === 'date_updated' ? undefined : value,
    ),
  );
}

/** An operator whose every write is followed by `look`. */
function operatorThatLooks(look: () => unknown) {
  const inner = twilio.httpClient();
  const httpClient = {
    request: async (options: Parameters<SdkHttpClient['request']>[0]) => {
      const answer = await inner.request(options);
      if (options.method.toUpperCase() !== 'GET') await look();
      return answer;
    },
  } as unknown as SdkHttpClient;
  const client = new Twilio(twilio.accountSid, twilio.authToken, { httpClient });
  return { ...openTestOperator(twilio), client };
}

/** Sends the curl commands that were printed, as a shell reads them. */
async function runPrintedCommands(output: string): Promise<void> {
  const commands = output.slice(output.indexOf('  curl '));
  const script = `curl() { printf '%s\\0' "$@"; printf '\\n\\0'; }\n${commands}`;
  const env = { ACCOUNT_SID: twilio.accountSid, AUTH_TOKEN: twilio.authToken };
  const printed = execFileSync('sh', ['-c', script], { env, encoding: 'utf8' });
  for (const call of printed.split('\n\0').filter(Boolean)) {
    const [, method = '', url = '', , credentials = '', ...data] = call.split('\0').slice(0, -1);
    const form = new URLSearchParams();
    for (const field of data.filter((word) => word !== '--data-urlencode')) {
      form.append(field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1));
    }
    const headers = {
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const answer = await twilio.handle({ method, url, headers, body: Buffer.from(form.toString()) });
    expect(answer.status).toBe(200);
  }
}

describe('attach', () => {
  it('points a number in no Messaging Service at the Functions, and says what it changes', async () => {
    const number = deployed({ sms_url: OLD_URL, sms_method: 'GET', voice_method: 'GET' });
    const output = await run();
    expect(number).toMatchObject(functionUrls());
    expect(writtenPaths()).toEqual(['IncomingPhoneNumbers']);
    expect(output).toContain(`smsUrl\n    - ${OLD_URL}\n    + https://${domain}/sms${RETRY}`);
    expect(output).toContain(`voiceUrl\n    - (empty)\n    + https://${domain}/voice`);
    expect(output).toContain(`Attached: ${NUMBER}, read back and compared.`);
  });

  it('makes texts and calls reach the Functions, signed, and Fikiri through them', async () => {
    deployed();
    await run();
    const text = await twilio.text({ from: SENDER, to: NUMBER, body: 'Open on Sunday? 👋' });
    expect(text).toMatchObject({ answeredBy: 'webhook', status: 200, twiml: '<Response/>' });
    expect(fikiri.received).toEqual([{ form: text.form, idempotencyKey: text.messageSid, status: 200 }]);
    const call = await twilio.call({ from: SENDER, to: NUMBER });
    expect(call.twiml).toContain(inTwiml(GREETING));
  });

  it('makes Twilio try twice and then fetch the fallback while Fikiri is down', async () => {
    deployed();
    await run();
    fikiri.close();
    const { answeredBy, twiml, attempts } = await twilio.text({ from: SENDER, to: NUMBER, body: 'Hello?' });
    expect(answeredBy).toBe('fallback');
    expect(twiml).toBe(readFileSync('src/assets/sms-unavailable.xml', 'utf8'));
    expect(attempts.map(({ url, method, status }) => [method, url, status])).toEqual([
      ['POST', `https://${domain}/sms`, 502],
      ['POST', `https://${domain}/sms`, 502],
      ['GET', `https://${domain}/sms-unavailable.xml`, 200],
    ]);
  }, 30_000);

  it('with --dry-run shows what will be written before anything is deployed', async () => {
    twilio.addNumber({ phone_number: NUMBER, sms_url: OLD_URL });
    const output = await run({ dryRun: true });
    expect(output).toContain('Note: nothing is deployed yet; Twilio will choose the digits of the domain.\n');
    expect(output).toContain(`- ${OLD_URL}\n    + https://fikiri-twilio-functions-….twil.io/sms${RETRY}\n`);
    expect(output).toContain('+ https://fikiri-twilio-functions-….twil.io/sms-unavailable.xml\n');
    expect(output).toMatch(/Dry run: nothing was written\.$/);
    expect(twilio.writes()).toEqual([]);
  });

  it('takes the domain from the API: of production, whatever the service is called there', async () => {
    deployed();
    const [service] = twilio.serverless.services;
    const [environment] = twilio.serverless.environments;
    Object.assign(service ?? {}, { domain_base: 'violet-owl-77' });
    Object.assign(environment ?? {}, { domain_name: 'violet-owl-77.twil.io' });
    const environments = twilio.client().serverless.v1.services(service?.sid ?? '').environments;
    await environments.create({ uniqueName: 'dev', domainSuffix: 'dev' });
    twilio.deployProject({ uniqueName: 'another-service', functions: {} });
    await run();
    expect(twilio.numbers[0]).toMatchObject({ sms_url: `https://violet-owl-77.twil.io/sms${RETRY}` });
  });

  it('attaches several numbers, and leaves every other one alone', async () => {
    deployed();
    const second = twilio.addNumber({ phone_number: OTHER_NUMBER, voice_url: 'https://old.example/voice' });
    const third = twilio.addNumber({ phone_number: '+14155550199', sms_url: OLD_URL });
    const before = { ...third };
    await run({}, { PHONE_NUMBER: `${NUMBER}, ${OTHER_NUMBER}` });
    for (const number of [twilio.numbers[0], second]) expect(number).toMatchObject(functionUrls());
    expect(third).toEqual(before);
    expect(writtenPaths()).toEqual(['IncomingPhoneNumbers', 'IncomingPhoneNumbers']);
  });

  it('touches nothing it was not asked to: status callbacks, names, other Messaging Services', async () => {
    const number = deployed({ status_callback: 'https://fikiri.example/status', friendly_name: 'Main line' });
    const other = twilio.addNumber({ phone_number: OTHER_NUMBER });
    const ours = twilio.addMessagingService({ status_callback: 'https://fikiri.example/status' }, [
      number.sid,
    ]);
    const another = twilio.addMessagingService({ friendly_name: 'Marketing' }, [other.sid]);
    const before = structuredClone({ number, ours, another });
    await run();
    expect({ ...number, date_updated: '' }).toEqual({
      ...before.number,
      ...functionUrls(),
      date_updated: '',
    });
    expect({ ...ours, date_updated: '' }).toEqual({
      ...before.ours,
      inbound_request_url: `https://${domain}/sms${RETRY}`,
      fallback_url: `https://${domain}/sms-unavailable.xml`,
      fallback_method: 'GET',
      date_updated: '',
    });
    expect(another).toEqual(before.another);
  });

  it('writes nothing the second time, and says that there is no change', async () => {
    const number = deployed();
    twilio.addMessagingService({}, [number.sid]);
    await run();
    const writes = twilio.writes().length;
    expect(await run()).toBe(`No change: ${NUMBER} is attached.`);
    expect(twilio.writes()).toHaveLength(writes);
  });

  it('with --dry-run shows the same difference and writes nothing', async () => {
    const number = deployed({ sms_url: OLD_URL });
    twilio.addMessagingService({}, [number.sid]);
    const before = snapshot();
    const output = await captureOutput(() => attachCommand(['--dry-run'], openTestOperator(twilio)));
    expect(twilio.writes()).toEqual([]);
    expect(snapshot()).toEqual(before);
    expect(output).toMatch(/\nDry run: nothing was written\.$/);
    const difference = output.split('\nDry run')[0] ?? '-';
    expect(await run()).toContain(difference);
  });

  it('with --direct points at Fikiri itself, without a fallback of ours; without it, back again', async () => {
    const number = deployed();
    const service = twilio.addMessagingService({}, [number.sid]);
    await run();
    const attached = snapshot();
    await run({ direct: true });
    expect(number).toMatchObject({
      sms_url: `${fikiri.origin}/api/webhooks/twilio/sms`,
      sms_fallback_url: '',
      voice_url: `${fikiri.origin}/api/webhooks/twilio/voice`,
      voice_fallback_url: '',
    });
    expect(service).toMatchObject({
      inbound_request_url: `${fikiri.origin}/api/webhooks/twilio/sms`,
      fallback_url: null,
    });
    const { messageSid } = await twilio.text({ from: SENDER, to: NUMBER, body: 'direct' });
    expect(fikiri.received.map(({ form, status }) => [form['MessageSid'], status])).toEqual([
      [messageSid, 200],
    ]);
    await run();
    expect(snapshot()).toEqual(attached);
  });

  it('with --direct needs no deployment, and keeps a fallback that is not ours', async () => {
    const fallbackUrl = 'https://twimlets.example/echo';
    const number = twilio.addNumber({ phone_number: NUMBER, sms_fallback_url: fallbackUrl });
    expect(await run({ direct: true })).not.toContain('Note:');
    expect(number).toMatchObject({
      sms_url: `${fikiri.origin}/api/webhooks/twilio/sms`,
      sms_fallback_url: fallbackUrl,
    });
  });

  it('takes --direct and --force together', async () => {
    const number = twilio.addNumber({ phone_number: NUMBER, trunk_sid: TRUNK });
    const operator = openTestOperator(twilio, { FIKIRI_BASE_URL: fikiri.origin });
    await captureOutput(() => attachCommand(['--direct', '--force'], operator));
    expect(number).toMatchObject({ sms_url: `${fikiri.origin}/api/webhooks/twilio/sms`, trunk_sid: null });
  });

  it('sets that fallback whose asset is deployed', async () => {
    const number = twilio.addNumber({ phone_number: NUMBER });
    const code = 'exports.handler = (context, event, callback) => callback()';
    const functions = { '/sms': { code }, '/voice': { code } };
    const { domain } = twilio.deployProject({
      functions,
      assets: { '/sms-unavailable.xml': { content: '' } },
    });
    await run();
    expect(number).toMatchObject({
      sms_fallback_url: `https://${domain}/sms-unavailable.xml`,
      voice_fallback_url: '',
    });
  });

  it('sets no fallback where the asset is not deployed, and notes it', async () => {
    const number = twilio.addNumber({
      phone_number: NUMBER,
      voice_fallback_url: 'https://old.example/voice',
    });
    const code = 'exports.handler = (context, event, callback) => callback()';
    twilio.deployProject({ functions: { '/sms': { code }, '/voice': { code } } });
    expect(await run()).toContain('Note: no fallback asset is deployed, so none is set.');
    expect(number).toMatchObject({
      sms_fallback_url: '',
      sms_fallback_method: 'POST',
      voice_fallback_url: 'https://old.example/voice',
    });
  });

  it('clears an application of texts and one of calls, which would win over the URLs, and says so', async () => {
    const number = deployed({ sms_application_sid: APPLICATION, voice_application_sid: APPLICATION });
    const output = await run();
    expect(number).toMatchObject({ sms_application_sid: null, voice_application_sid: null });
    expect(output).toContain(`smsApplicationSid\n    - ${APPLICATION}\n    + (empty)`);
    expect(output).toContain(`voiceApplicationSid\n    - ${APPLICATION}\n    + (empty)`);
    expect(await twilio.text({ from: SENDER, to: NUMBER, body: '' })).toMatchObject({
      answeredBy: 'webhook',
    });
  });

  it('refuses a number on a SIP trunk and writes nothing, --dry-run or not', async () => {
    deployed({ trunk_sid: TRUNK });
    for (const options of [{}, { dryRun: true }]) {
      expect(await failure(options)).toBe(
        `On a SIP trunk, so Twilio ignores its webhooks: number ${NUMBER} (${TRUNK}). Nothing was written. If the trunk may lose it: npm run attach -- --force`,
      );
    }
    expect(twilio.writes()).toEqual([]);
  });

  it('names every number that is on a trunk', async () => {
    deployed();
    const another = `TK${'c'.repeat(32)}`;
    twilio.addNumber({ phone_number: OTHER_NUMBER, trunk_sid: TRUNK });
    twilio.addNumber({ phone_number: '+14155550101', trunk_sid: another });
    expect(await failure({}, { PHONE_NUMBER: `${NUMBER},${OTHER_NUMBER},+14155550101` })).toContain(
      `number ${OTHER_NUMBER} (${TRUNK}), number +14155550101 (${another}). Nothing was written.`,
    );
  });

  it('with --force takes a number off its trunk', async () => {
    const number = deployed({ trunk_sid: TRUNK });
    expect(await run({ force: true })).toContain(`trunkSid\n    - ${TRUNK}\n    + (empty)`);
    expect(number.trunk_sid).toBeNull();
    expect(await twilio.call({ from: SENDER, to: NUMBER })).toMatchObject({ answeredBy: 'webhook' });
  });

  it('refuses a number that is not in the account, and lists those that are', async () => {
    deployed();
    twilio.addNumber({ phone_number: OTHER_NUMBER });
    expect(await failure({}, { PHONE_NUMBER: `${NUMBER},+14155550177` })).toBe(
      `+14155550177 is not in this Twilio account; its numbers are: ${OTHER_NUMBER}, ${NUMBER}. Correct PHONE_NUMBER in .env, or ACCOUNT_SID if this is the wrong account.`,
    );
    expect(twilio.writes()).toEqual([]);
    twilio.numbers.length = 0;
    expect(await failure()).toContain(`${NUMBER} is not in this Twilio account; its numbers are: none.`);
  });

  it.each([
    ['nothing', () => {}],
    [
      'only a service without a build',
      async () => {
        const { services } = twilio.client().serverless.v1;
        const names = { uniqueName: 'fikiri-twilio-functions', friendlyName: 'x' };
        const { sid } = await services.create(names);
        await services(sid).environments.create({ uniqueName: 'production' });
        twilio.requests.length = 0;
      },
    ],
  ])('refuses when %s is deployed, and says what deploys', async (_, prepare) => {
    await prepare();
    twilio.addNumber({ phone_number: NUMBER });
    expect(await failure()).toBe(
      'Nothing is deployed: there is no "fikiri-twilio-functions" in this account. Run: npm run deploy',
    );
    expect(twilio.writes()).toEqual([]);
  });
});

describe('attach in a Messaging Service', () => {
  it('that defers to its numbers: writes the number, leaves the service', async () => {
    const number = deployed();
    const other = twilio.addNumber({ phone_number: OTHER_NUMBER });
    const numberSids = [number.sid, other.sid];
    const service = twilio.addMessagingService({ use_inbound_webhook_on_number: true }, numberSids);
    const before = { ...service };
    expect(await run()).not.toContain('Note:');
    expect(number).toMatchObject(functionUrls());
    expect(service).toEqual(before);
    expect(writtenPaths()).toEqual(['IncomingPhoneNumbers']);
  });

  it('that does not: writes the number, then the service, whose switch stays off', async () => {
    const number = deployed();
    const service = twilio.addMessagingService({ inbound_request_url: OLD_URL, inbound_method: 'GET' }, [
      number.sid,
    ]);
    expect(await run()).not.toContain('Note:');
    expect(writtenPaths()).toEqual(['IncomingPhoneNumbers', 'Services']);
    expect(twilio.writes()[1]?.params).toEqual({
      InboundRequestUrl: `https://${domain}/sms${RETRY}`,
      InboundMethod: 'POST',
      FallbackUrl: `https://${domain}/sms-unavailable.xml`,
      FallbackMethod: 'GET',
    });
    expect(service.use_inbound_webhook_on_number).toBe(false);
  });

  it.each([[['+14155550111']], [['+14155550111', '+14155550112']]])(
    'with other numbers (%j): says that their texts come along',
    async (phoneNumbers) => {
      const number = deployed();
      const others = phoneNumbers.map((phone_number) => twilio.addNumber({ phone_number }));
      twilio.addMessagingService({}, [number.sid, ...others.map(({ sid }) => sid)]);
      expect(await run()).toContain(
        `Note: texts to the ${others.length} other number(s) of "My New Notifications Service" go there too.`,
      );
    },
  );

  it('that has but one of several numbers: writes it', async () => {
    deployed();
    const second = twilio.addNumber({ phone_number: OTHER_NUMBER });
    const service = twilio.addMessagingService({}, [second.sid]);
    await run({}, { PHONE_NUMBER: `${NUMBER},${OTHER_NUMBER}` });
    expect(service.inbound_request_url).toBe(`https://${domain}/sms${RETRY}`);
  });

  it('without any webhook, where Twilio drops texts: heals it, and a text arrives', async () => {
    const number = deployed({ sms_url: OLD_URL });
    twilio.addMessagingService({ inbound_request_url: null }, [number.sid]);
    const text = () => twilio.text({ from: SENDER, to: NUMBER, body: 'Hello?' });
    expect(await text()).toMatchObject({ answeredBy: 'none' });
    await run();
    expect(writtenPaths()).toEqual(['IncomingPhoneNumbers', 'Services']);
    expect(await text()).toMatchObject({ answeredBy: 'webhook', status: 200 });
    expect(fikiri.received).toHaveLength(1);
  });

  it.each([
    ['defers', { use_inbound_webhook_on_number: true }],
    ['has its own webhook', { use_inbound_webhook_on_number: false }],
  ])('that %s: no write leaves a moment in which a text has nowhere to go', async (_what, properties) => {
    const number = deployed();
    const oldUrl = `${old.origin}/api/webhooks/twilio/sms`;
    Object.assign(number, { sms_url: oldUrl });
    twilio.addMessagingService({ inbound_request_url: oldUrl, ...properties }, [number.sid]);
    let sent = 0;
    const look = async () => {
      sent += 1;
      const text = await twilio.text({ from: SENDER, to: NUMBER, body: `after write ${sent}` });
      expect(text).toMatchObject({ answeredBy: 'webhook', status: 200 });
    };
    for (const options of [{}, { direct: true }, {}]) {
      const operator = operatorThatLooks(look);
      Object.assign(operator.variables, { FIKIRI_BASE_URL: fikiri.origin });
      await captureOutput(() => attach(operator, options));
    }
    expect(sent).toBe(properties.use_inbound_webhook_on_number ? 3 : 6);
    expect(old.received.length + fikiri.received.length).toBe(sent);
  });
});

describe('attach when Twilio does not do it', () => {
  const isRead = ({ method, path }: JournalEntry) =>
    method === 'GET' && path.endsWith('IncomingPhoneNumbers.json');

  it.each([
    [{ status: 401 }, 'Twilio answered 401 (error 20003): The stand-in was told to fail. Check ACCOUNT_SID'],
    [{ status: 404 }, 'Twilio answered 404 (error 20404): The stand-in was told to fail. It was removed'],
    [{ status: 429 }, 'Twilio answered 429 (error 20429): The stand-in was told to fail. Too many requests'],
    [
      { status: 500 },
      'Twilio answered 500 (error 20500): The stand-in was told to fail. Twilio has a problem',
    ],
    ['hang', 'Twilio was not reached: timeout of 30000ms exceeded. Check the network, and HTTP_PROXY'],
    ['reset', 'Twilio was not reached: socket hang up. Check the network, and HTTP_PROXY'],
  ] as const)('says what happened and what to do: %p', async (answer, message) => {
    deployed();
    twilio.fail(isRead, answer);
    expect(await failure()).toContain(message);
    expect(twilio.writes()).toEqual([]);
  });

  it('writes nothing when it cannot read the Messaging Services, however right the number is', async () => {
    deployed();
    twilio.fail(({ host, path }) => host === 'messaging.twilio.com' && path === '/v1/Services', {
      status: 500,
    });
    expect(await failure()).toContain('Twilio answered 500');
    expect(twilio.writes()).toEqual([]);
  });

  it.each([[{ status: 500 }], ['reset']] as const)(
    'half-way (%p): says what was written, what not, and how to go on; the next run finishes',
    async (answer) => {
      const number = deployed();
      const service = twilio.addMessagingService({ inbound_request_url: OLD_URL }, [number.sid]);
      twilio.fail(({ method, host }) => method === 'POST' && host === 'messaging.twilio.com', answer, 1);
      const message = await failure();
      expect(message).toMatch(/^Twilio (answered 500|was not reached)/);
      expect(message).toContain(
        `\nWritten: number ${NUMBER}. Not written: Messaging Service "My New Notifications Service". To go on: npm run attach`,
      );
      expect(number).toMatchObject(functionUrls());
      expect(service.inbound_request_url).toBe(OLD_URL);

      await run();
      expect(service.inbound_request_url).toBe(`https://${domain}/sms${RETRY}`);
      expect(writtenPaths().at(-1)).toBe('Services');
    },
  );

  it('never writes the service when the number could not be written', async () => {
    const number = deployed();
    const service = twilio.addMessagingService({ inbound_request_url: OLD_URL }, [number.sid]);
    twilio.fail(({ method, host }) => method === 'POST' && host === 'api.twilio.com', { status: 500 });
    const titles = `number ${NUMBER}, Messaging Service "My New Notifications Service"`;
    expect(await failure()).toContain(`Written: nothing. Not written: ${titles}.`);
    expect(service.inbound_request_url).toBe(OLD_URL);
  });

  it('says where a defect of our own struck, and what was written', async () => {
    deployed();
    const operator = operatorThatLooks(() => {
      throw new TypeError('a defect');
    });
    await expect(captureOutput(() => attach(operator))).rejects.toThrow(
      /^TypeError: a defect\n +at [\s\S]+\nWritten: nothing\. Not written: number/,
    );
  });

  it('says which field reads back otherwise', async () => {
    const number = deployed();
    const operator = operatorThatLooks(() => {
      number.sms_url = OLD_URL;
    });
    await expect(captureOutput(() => attach(operator))).rejects.toThrow(
      `Twilio took the change but reads back otherwise: smsUrl of number ${NUMBER}. Try again.`,
    );
  });
});

describe('the restore command that attach prints', () => {
  it('brings back exactly what was there, quotes and all', async () => {
    const number = deployed({
      sms_url: `https://old.example/sms?name=O'Neil&q="$HOME"`,
      sms_method: 'GET',
      sms_application_sid: APPLICATION,
      trunk_sid: TRUNK,
      voice_url: 'https://old.example/voice#rc=2',
    });
    twilio.addMessagingService(
      { inbound_request_url: 'https://old.example/s?a=b&c=%27', fallback_method: 'GET' },
      [number.sid],
    );
    const before = snapshot();
    const output = await run({ force: true });
    expect(snapshot()).not.toEqual(before);
    await runPrintedCommands(output);
    expect(snapshot()).toEqual(before);
    expect(output).toContain('(with ACCOUNT_SID and AUTH_TOKEN in the shell):\n  curl ');
    expect(output).not.toContain(twilio.authToken);
  });

  it('brings back what was empty', async () => {
    const number = deployed();
    twilio.addMessagingService({}, [number.sid]);
    const before = snapshot();
    await runPrintedCommands(await run());
    expect(snapshot()).toEqual(before);
  });
});

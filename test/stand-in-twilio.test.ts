import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { getExpectedTwilioSignature, Twilio } from 'twilio';
import { GREETING } from '../src/inbound/receive-call';
import { inTwiml } from '../src/ops/in-twiml';
import { type StandInOptions, type StandInTwilio, startStandInTwilio } from './support/stand-in-twilio';
import { handlers } from './support/stand-in-twilio/handlers';
import { operationKeys } from './support/stand-in-twilio/openapi';

const NUMBER = '+14155550100';
const SENDER = '+14155550123';
const TWIML = '<Response><Message>Thanks</Message></Response>';

const open: { close(): Promise<void> }[] = [];

async function start(options?: StandInOptions): Promise<StandInTwilio> {
  const twilio = await startStandInTwilio(options);
  open.push(twilio);
  return twilio;
}

/** A local web server, over TLS when a certificate is named; its answers are told by the test. */
async function serve(listener: RequestListener, certificate?: string): Promise<string> {
  const pem = (file: string) => readFileSync(`test/support/certificates/${file}.pem`);
  const server = certificate
    ? createTlsServer({ cert: pem(certificate), key: pem(`${certificate}-key`) }, listener)
    : createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  open.push({
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  });
  return `${certificate ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Runs a program of Node, told where Twilio is; gives what it printed and its exit code. */
async function run(
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string }> {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, args, { cwd, env: { PATH, HOME, CI: '1', ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number>((done) => child.once('close', (exitCode) => done(exitCode ?? 1)));
  return { code, output };
}

function signed(twilio: StandInTwilio, url: string, data: Record<string, string>) {
  const signature = getExpectedTwilioSignature(twilio.authToken, url, data);
  return { method: 'post' as const, uri: url, data, headers: { 'X-Twilio-Signature': signature } };
}

afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

describe('a deployment by the real twilio-run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'project-'));
  const toolkit = resolve('node_modules/twilio-run/bin/twilio-run.js');

  beforeAll(async () => {
    for (const name of ['src', 'build.mjs', 'package.json', '.twilioserverlessrc']) {
      cpSync(name, join(folder, name), { recursive: true });
    }
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
    expect(await run(['build.mjs'], folder, {})).toMatchObject({ code: 0 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function deploy(twilio: StandInTwilio): Promise<{ code: number; output: string }> {
    const variables = {
      ACCOUNT_SID: twilio.accountSid,
      AUTH_TOKEN: twilio.authToken,
      FIKIRI_BASE_URL: 'http://127.0.0.1:9',
      PHONE_NUMBER: NUMBER,
    };
    const lines = Object.entries(variables).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(join(folder, '.env'), lines.join(''));
    return run([toolkit, 'deploy'], folder, twilio.env);
  }

  it('puts the service online in production, under node22, with the variables of .env but the credentials', async () => {
    const twilio = await start();
    const { code, output } = await deploy(twilio);
    expect({ code, output }).toMatchObject({ code: 0 });

    const client = twilio.client();
    const [service] = await client.serverless.v1.services.list();
    expect(service?.uniqueName).toBe('fikiri-twilio-functions');
    const [environment] = await client.serverless.v1.services(service?.sid ?? '').environments.list();
    expect(environment).toMatchObject({ domainSuffix: null, uniqueName: 'production' });
    expect(output).toContain(environment?.domainName);
    const build = await client.serverless.v1
      .services(service?.sid ?? '')
      .builds(environment?.buildSid ?? '')
      .fetch();
    expect(build).toMatchObject({ status: 'completed', runtime: 'node22' });
    expect(build.dependencies).toContainEqual({ name: 'twilio', version: '6.2.0' });
    const uploaded = build.functionVersions.map(({ path, visibility }) => `${path} ${visibility}`);
    expect(uploaded.sort()).toEqual(['/sms protected', '/voice protected']);
    const variables = twilio.serverless.variables.map(({ key, value }) => [key, value]);
    expect(Object.fromEntries(variables)).toEqual({
      FIKIRI_BASE_URL: 'http://127.0.0.1:9',
      PHONE_NUMBER: NUMBER,
    });

    const url = `https://${environment?.domainName}/voice`;
    const greeted = await client.request(signed(twilio, url, { From: SENDER, To: NUMBER }));
    expect(greeted).toMatchObject({ statusCode: 200, headers: { 'content-type': 'text/xml' } });
    expect(greeted.body).toContain(inTwiml(GREETING));
    const unsigned = await client.request({ method: 'post', uri: url, data: { From: SENDER } });
    expect(unsigned.statusCode).toBe(403);
    const logs = await client.serverless.v1
      .services(service?.sid ?? '')
      .environments(environment?.sid ?? '')
      .logs.list();
    expect(logs.map(({ level, message }) => [level, message])).toEqual([
      ['INFO', expect.stringMatching(/^voice answered .*from=\+1\*{6}0123/)],
    ]);
    const printed = await run([toolkit, 'logs', '--production'], folder, twilio.env);
    expect(printed.output).toMatch(/^\[INFO\].*voice answered/m);
    const asset = await client.request({ method: 'get', uri: url.replace('/voice', '/sms-unavailable.xml') });
    expect(asset).toMatchObject({ statusCode: 200, headers: { 'content-type': 'application/xml' } });
  }, 60_000);

  it('is refused when Twilio says that the credentials are wrong', async () => {
    const twilio = await start();
    twilio.fail(({ host }) => host === 'serverless.twilio.com', { status: 401 });
    const { code, output } = await deploy(twilio);
    expect(code).toBe(1);
    expect(output).not.toContain(twilio.authToken);
    expect(twilio.serverless.services).toEqual([]);
  }, 60_000);
});

describe('the API', () => {
  it('has a handler for every operation of openapi.json, and no other', () => {
    expect(Object.keys(handlers).sort()).toEqual([...operationKeys].sort());
  });

  it('answers the account itself', async () => {
    const twilio = await start();
    const account = await twilio.client().api.v2010.accounts(twilio.accountSid).fetch();
    expect(account).toMatchObject({ sid: twilio.accountSid, status: 'active' });
  });

  it('refuses another token with 401 and code 20003', async () => {
    const twilio = await start();
    const stranger = new Twilio(twilio.accountSid, 'wrong', { httpClient: twilio.httpClient() });
    await expect(stranger.incomingPhoneNumbers.list()).rejects.toMatchObject({ status: 401, code: 20003 });
  });

  it.each([
    ['a path', 'get', 'https://api.twilio.com/2010-04-01/Accounts/ACCOUNT/Faxes.json', {}, 404],
    ['another account', 'get', 'https://api.twilio.com/2010-04-01/Accounts/AC00/Messages.json', {}, 404],
    ['a method', 'put', 'https://monitor.twilio.com/v1/Alerts', {}, 405],
    ['a query parameter', 'get', 'https://monitor.twilio.com/v1/Alerts', { ErrorCode: '11200' }, 400],
    ['a value', 'get', 'https://monitor.twilio.com/v1/Alerts', { StartDate: 'yesterday' }, 400],
    ['a page size', 'get', 'https://monitor.twilio.com/v1/Alerts', { PageSize: '1001' }, 400],
    ['a missing parameter', 'post', 'https://serverless.twilio.com/v1/Services', { UniqueName: 'a' }, 400],
    ['a form parameter', 'post', 'https://messaging.twilio.com/v1/Services/SERVICE', { SmsUrl: '' }, 400],
  ] as const)('refuses %s that Twilio does not know', async (_what, method, address, parameters, status) => {
    const twilio = await start();
    const service = twilio.addMessagingService({}, []);
    const uri = address.replace('ACCOUNT', twilio.accountSid).replace('SERVICE', service.sid);
    const given = method === 'get' ? { params: parameters } : { data: parameters };
    const answer = await twilio.client().request({ method, uri, ...given });
    expect(answer).toMatchObject({ statusCode: status, body: { status, code: expect.any(Number) } });
  });

  it('fails loudly when a test puts something in the account that Twilio could not have', async () => {
    const twilio = await start();
    expect(() => twilio.addNumber({ phone_number: NUMBER, sms_uri: '' })).toThrow(
      'phone_number has no sms_uri',
    );
    const number = twilio.addNumber({ phone_number: NUMBER });
    number.sms_method = 'PUT';
    await expect(twilio.client().incomingPhoneNumbers.list()).rejects.toThrow('sms_method is "PUT"');
  });

  it('gives lists in pages, the newest first', async () => {
    const twilio = await start();
    for (let index = 1; index <= 120; index += 1)
      twilio.addMessage({ from: SENDER, to: NUMBER, body: `${index}` });
    for (let index = 1; index <= 7; index += 1)
      twilio.addAlert({ resource_sid: `SM${'0'.repeat(31)}${index}` });
    const client = twilio.client();
    const messages = await client.messages.list({ pageSize: 50, to: NUMBER });
    expect(messages.map(({ body }) => Number(body))).toEqual(
      Array.from({ length: 120 }, (_, index) => 120 - index),
    );
    expect(twilio.requests).toHaveLength(3);
    const alerts = await client.monitor.v1.alerts.list({ pageSize: 3 });
    expect(alerts.map(({ resourceSid }) => resourceSid?.at(-1)).join('')).toBe('7654321');
    expect(await client.messages.list({ limit: 5 })).toHaveLength(5);
  });

  it('filters messages by number and by time, both ends included', async () => {
    const twilio = await start();
    const at = (time: string) =>
      twilio.addMessage({ from: SENDER, to: NUMBER, body: time, date_sent: new Date(time) });
    for (const time of ['2026-03-01T10:00:00Z', '2026-03-01T11:00:00Z', '2026-03-02T10:00:00Z']) at(time);
    const { messages } = twilio.client();
    const bodies = async (filter: object) =>
      (await messages.list(filter)).map(({ body }) => body.slice(8, 13));
    expect(await bodies({ dateSentAfter: new Date('2026-03-01T11:00:00Z') })).toEqual(['02T10', '01T11']);
    expect(await bodies({ dateSentBefore: new Date('2026-03-01T11:00:00Z') })).toEqual(['01T11', '01T10']);
    expect(await bodies({ dateSent: new Date('2026-03-02T00:00:00Z') })).toEqual(['02T10']);
    expect(await bodies({ from: NUMBER })).toEqual([]);
  });

  it('shows the original form of an alert only when it is fetched', async () => {
    const twilio = await start();
    const { sid } = twilio.addAlert({ request_variables: 'Body=hello' });
    const client = twilio.client();
    const [listed] = await client.monitor.v1.alerts.list({ logLevel: 'error' });
    expect(listed?.requestVariables).toBeUndefined();
    expect((await client.monitor.v1.alerts(sid).fetch()).requestVariables).toBe('Body=hello');
    expect(await client.monitor.v1.alerts.list({ endDate: new Date('2026-01-01') })).toEqual([]);
  });

  it('updates a number and its Messaging Service, and clears what is set to nothing', async () => {
    const twilio = await start();
    const number = twilio.addNumber({ phone_number: NUMBER, sms_application_sid: `AP${'a'.repeat(32)}` });
    const service = twilio.addMessagingService({ inbound_request_url: 'https://a.example/sms' }, [
      number.sid,
    ]);
    const client = twilio.client();
    const [found] = await client.incomingPhoneNumbers.list({ phoneNumber: NUMBER });
    const smsUrl = 'https://a.example/sms#rc=1&rp=ct,rt,5xx';
    expect(found?.sid).toBe(number.sid);
    await client
      .incomingPhoneNumbers(number.sid)
      .update({ smsUrl, smsApplicationSid: '', smsFallbackMethod: 'GET' });
    expect(number).toMatchObject({ sms_url: smsUrl, sms_application_sid: null, sms_fallback_method: 'GET' });
    const [members] = await client.messaging.v1.services(service.sid).phoneNumbers.list();
    expect(members).toMatchObject({ sid: number.sid, phoneNumber: NUMBER });
    const update = { inboundRequestUrl: '', useInboundWebhookOnNumber: true };
    const updated = await client.messaging.v1.services(service.sid).update(update);
    expect(updated).toMatchObject({ inboundRequestUrl: null, useInboundWebhookOnNumber: true });
    expect(twilio.writes().map(({ method, params }) => [method, Object.keys(params).sort()])).toEqual([
      ['POST', ['SmsApplicationSid', 'SmsFallbackMethod', 'SmsUrl']],
      ['POST', ['InboundRequestUrl', 'UseInboundWebhookOnNumber']],
    ]);
    await expect(
      client.incomingPhoneNumbers(number.sid).update({ smsUrl: 'a.example' }),
    ).rejects.toMatchObject({ status: 400 });
  });

  it('has the logs of the last day, or from a StartDate, and at most 10,000 of them', async () => {
    const twilio = await start();
    const { service, environment } = twilio.deployProject({});
    twilio.addLog({
      message: 'old',
      date_created: new Date(Date.now() - 2 * 86_400_000),
    });
    twilio.addLog({ message: 'new' });
    const { logs } = twilio.client().serverless.v1.services(service.sid).environments(environment.sid);
    expect((await logs.list()).map(({ message }) => message)).toEqual(['new']);
    const since = { startDate: new Date(Date.now() - 3 * 86_400_000), pageSize: 1000 };
    expect((await logs.list(since)).map(({ message }) => message)).toEqual(['new', 'old']);
    for (let index = 0; index < 10_000; index += 1) twilio.addLog({ message: `${index}` });
    expect(await logs.list(since)).toHaveLength(10_000);
  });

  it('fails as it is told to: an error, no answer, a reset', async () => {
    const twilio = await start();
    const { alerts } = twilio.client().monitor.v1;
    const isAlerts = ({ path }: { path: string }) => path === '/v1/Alerts';
    twilio.fail(isAlerts, { status: 429, retryAfter: 1 }, 1);
    await expect(alerts.list()).rejects.toMatchObject({ status: 429, code: 20429 });
    expect(await alerts.list()).toEqual([]);
    twilio.fail(isAlerts, 'hang', 1);
    await expect(alerts.list()).rejects.toMatchObject({ code: 'ECONNABORTED' });
    twilio.fail(isAlerts, 'reset');
    await expect(alerts.list()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('the proxy', () => {
  const script = (line: string) => [
    '-e',
    `const client = require('twilio')(process.argv[1], process.argv[2], { timeout: 1000 });
     ${line}.then((answer) => console.log(JSON.stringify(answer)), (error) => {
       console.log(error.message);
       process.exitCode = 1;
     });`,
  ];

  it('is Twilio for the real SDK over HTTPS', async () => {
    const twilio = await start();
    twilio.addNumber({ phone_number: NUMBER });
    twilio.addNumber({ phone_number: '+14155550101' });
    const list = script('client.incomingPhoneNumbers.list({ pageSize: 1 })');
    const { code, output } = await run([...list, twilio.accountSid, twilio.authToken], '.', twilio.env);
    expect({ code, numbers: JSON.parse(output) }).toMatchObject({
      code: 0,
      numbers: [{ phoneNumber: '+14155550101' }, { phoneNumber: NUMBER }],
    });
    expect(twilio.requests).toHaveLength(2);
  });

  it('leads loopback and the hosts of `routes` to this machine, and refuses and records every other', async () => {
    const backend = await serve((request, response) => response.end(`${request.headers.host}`), 'server');
    const { port } = new URL(backend);
    const twilio = await start({ routes: { 'api.fikiri.example': Number(port) } });
    const ask = async (url: string) => {
      const get = script(`client.httpClient.request({ method: 'get', uri: '${url}' })`);
      const { output } = await run([...get, twilio.accountSid, twilio.authToken], '.', twilio.env);
      return JSON.parse(output);
    };
    expect(await ask('https://api.fikiri.example/')).toMatchObject({
      statusCode: 200,
      body: 'api.fikiri.example',
    });
    expect(await ask(`https://localhost:${port}/`)).toMatchObject({
      statusCode: 200,
      body: `localhost:${port}`,
    });
    expect(await ask('https://elsewhere.example/')).toMatchObject({ statusCode: 502 });
    const refused = { method: 'CONNECT', host: 'elsewhere.example', path: '', params: {}, status: 502 };
    expect(twilio.requests).toEqual([refused]);
  });
});

describe('a hosted Function', () => {
  async function host(code: string, options?: StandInOptions) {
    const twilio = await start(options);
    const { domain } = twilio.deployProject({
      functions: { '/run': { code: `exports.handler = ${code}`, visibility: 'public' } },
      variables: { COLOUR: 'blue' },
    });
    const ask = (query = '', data: object = {}) =>
      twilio.client().request({ method: 'post', uri: `https://${domain}/run${query}`, data });
    return { twilio, domain, ask };
  }

  it('gets the form, the query, the headers and the context', async () => {
    const { twilio, domain, ask } = await host(
      '(context, event, callback) => callback(null, { context, event })',
    );
    const { body } = await ask('?a=1', { Body: 'hi', Media: ['x', 'y'] });
    expect(body.event).toMatchObject({ a: '1', Body: 'hi', Media: ['x', 'y'], request: { cookies: {} } });
    expect(body.event.request.headers).not.toHaveProperty('host');
    expect(body.context).toMatchObject({
      COLOUR: 'blue',
      DOMAIN_NAME: domain,
      PATH: '/run',
      ACCOUNT_SID: twilio.accountSid,
      AUTH_TOKEN: twilio.authToken,
    });
  });

  it('can only require twilio and what Node has', async () => {
    const { ask } = await host(`(context, event, callback) => {
      const can = (name) => { try { require(name); return true; } catch { return false; } };
      callback(null, ['twilio', 'node:https', 'esbuild', 'axios'].map(can));
    }`);
    expect((await ask()).body).toEqual([true, true, false, false]);
  });

  it('answers 500 with its error, thrown, rejected or given to the callback', async () => {
    const { ask } = await host(`(context, event, callback) => {
      if (event.how === 'throw') throw new Error('thrown');
      if (event.how === 'reject') return Promise.reject(new Error('rejected'));
      if (event.how === 'crash') return void setTimeout(() => { throw new Error('crashed'); });
      return callback(event.how ? 'given' : null, 'fine');
    }`);
    expect(await ask('?how=throw')).toMatchObject({ statusCode: 500, body: { message: 'thrown' } });
    expect(await ask('?how=reject')).toMatchObject({ statusCode: 500, body: { message: 'rejected' } });
    expect(await ask('?how=callback')).toMatchObject({ statusCode: 500, body: 'given' });
    expect(await ask('?how=crash')).toMatchObject({ statusCode: 500 });
    expect(await ask()).toMatchObject({
      statusCode: 200,
      body: 'fine',
      headers: { 'content-type': 'text/plain' },
    });
  });

  it('trusts the test CA', async () => {
    const url = await serve((_request, response) => response.end('hello'), 'server');
    const { ask } = await host(`(context, event, callback) =>
      require('node:https').get(event.url, (response) => callback(null, String(response.statusCode)))`);
    expect((await ask('', { url })).body).toBe(200);
  });

  it('is ended at its time limit, with 504', async () => {
    const { ask } = await host('() => {}', { functionTimeoutMs: 50 });
    expect((await ask()).statusCode).toBe(504);
  });

  it('runs 30 times at once; what is more gets 429', async () => {
    const { ask } = await host('(context, event, callback) => setTimeout(callback, 300, null, "done")');
    const answers = await Promise.all(Array.from({ length: 33 }, () => ask()));
    const count = (status: number) => answers.filter(({ statusCode }) => statusCode === status).length;
    expect([count(200), count(429)]).toEqual([30, 3]);
  });

  it('has each printed line in the logs, and what is a warning or an error in the alerts too', async () => {
    const { twilio, ask } = await host(`async (context, event, callback) => {
      console.log('first', event.name);
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.warn('second', event.name);
      console.error('third', event.name);
      callback(null, '');
    }`);
    await Promise.all([ask('?name=a'), ask('?name=b')]);
    const { logs } = twilio.serverless;
    expect(logs.map(({ level, message }) => `${level} ${message}`).sort()).toEqual(
      ['a', 'b']
        .flatMap((name) => [`INFO first ${name}`, `WARN second ${name}`, `ERROR third ${name}`])
        .sort(),
    );
    expect(new Set(logs.map(({ request_sid }) => request_sid)).size).toBe(2);
    const alerts = twilio.alerts.map(({ error_code, log_level }) => `${error_code} ${log_level}`);
    expect(alerts.sort()).toEqual(['82004 warning', '82004 warning', '82005 error', '82005 error']);
  });

  it('loses all but the last 3 kB that one invocation prints', async () => {
    const { twilio, ask } = await host(`(context, event, callback) => {
      for (const letter of 'abcdef') console.log(letter.repeat(1000));
      callback(null, '');
    }`);
    await ask();
    const lengths = twilio.serverless.logs.map(({ message }) => `${message?.[0]}${message?.length}`);
    expect(lengths).toEqual(['c72', 'd1000', 'e1000', 'f1000']);
  });
});

describe('an inbound text', () => {
  const OVERRIDES = '#rc=1&rp=ct,rt,5xx';

  /** An account with a number whose webhook and fallback URL answer these statuses, one after another. */
  async function setUp(statuses: number[], fragment = '', type = 'text/xml') {
    const received: string[] = [];
    const url = await serve((request, response) => {
      received.push(request.url ?? '');
      const status = request.url?.startsWith('/fallback') ? 200 : (statuses.shift() ?? 200);
      response.writeHead(status, { 'content-type': type }).end(status === 200 ? TWIML : 'broken');
    });
    const twilio = await start();
    const number = twilio.addNumber({
      phone_number: NUMBER,
      sms_url: `${url}/sms${fragment}`,
      sms_fallback_url: `${url}/fallback`,
      sms_fallback_method: 'GET',
    });
    const send = () => twilio.text({ from: SENDER, to: NUMBER, body: 'Hello?' });
    return { twilio, number, received, url, send };
  }

  it('reaches the webhook in force, signed, and becomes a message', async () => {
    const requests: { body: string; signature: string }[] = [];
    const url = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      requests.push({ body, signature: String(request.headers['x-twilio-signature']) });
      response.writeHead(200, { 'content-type': 'text/xml' }).end(TWIML);
    });
    const twilio = await start();
    twilio.addNumber({ phone_number: NUMBER, sms_url: `${url}/sms${OVERRIDES}` });
    const result = await twilio.text({
      from: SENDER,
      to: NUMBER,
      body: 'Hi',
      numMedia: 2,
      OptOutType: 'STOP',
    });
    expect(result).toMatchObject({ answeredBy: 'webhook', status: 200, twiml: TWIML });
    const form = Object.fromEntries(new URLSearchParams(requests[0]?.body));
    expect(form).toEqual(result.form);
    expect(form).toMatchObject({
      Body: 'Hi',
      NumMedia: '2',
      OptOutType: 'STOP',
      MessageSid: result.messageSid,
    });
    expect(form['MediaUrl1']).toContain(`/Messages/${result.messageSid}/Media/ME`);
    expect(requests[0]?.signature).toBe(getExpectedTwilioSignature(twilio.authToken, `${url}/sms`, form));
    const message = twilio.client().messages(result.messageSid);
    expect(await message.fetch()).toMatchObject({ from: SENDER, direction: 'inbound', status: 'received' });
    expect(await message.media.list()).toHaveLength(2);
  });

  it('is sent again after a 5xx only when the fragment of the URL says so', async () => {
    const plain = await setUp([503]);
    expect(await plain.send()).toMatchObject({ answeredBy: 'fallback' });
    expect(plain.received).toHaveLength(2);
    const retried = await setUp([503], OVERRIDES);
    expect(await retried.send()).toMatchObject({ answeredBy: 'webhook' });
    expect(retried.received).toEqual(['/sms', '/sms']);
    expect(retried.twilio.alerts).toEqual([]);
  });

  it('leaves an alert with the whole form when its webhook fails, and goes to the fallback URL', async () => {
    const { twilio, received, url, send } = await setUp([502, 502], OVERRIDES);
    const { form, messageSid, answeredBy, attempts } = await send();
    expect(answeredBy).toBe('fallback');
    expect(attempts.map(({ status }) => status)).toEqual([502, 502, 200]);
    const fallback = new URL(received[2] ?? '', url);
    expect(fallback.pathname).toBe('/fallback');
    expect(Object.fromEntries(fallback.searchParams)).toEqual({
      ...form,
      ErrorCode: '11200',
      ErrorUrl: `${url}/sms`,
    });
    const [alert] = await twilio.client().monitor.v1.alerts.list();
    expect(alert).toMatchObject({
      errorCode: '11200',
      resourceSid: messageSid,
      requestUrl: `${url}/sms`,
      requestMethod: 'POST',
    });
    const whole = await twilio
      .client()
      .monitor.v1.alerts(alert?.sid ?? '')
      .fetch();
    expect(Object.fromEntries(new URLSearchParams(whole.requestVariables))).toEqual(form);
    expect(whole.responseBody).toBe('broken');
  });

  it('has failed too when nothing listens, or the answer is not TwiML', async () => {
    const { twilio, number, send } = await setUp([], '', 'image/png');
    expect(await send()).toMatchObject({ answeredBy: 'none', twiml: null });
    number.sms_url = 'https://elsewhere.example/sms';
    number.sms_fallback_url = '';
    const { attempts } = await send();
    expect(attempts.map(({ failure }) => failure)).toEqual(['ct', 'ct']);
    expect(twilio.alerts.map(({ error_code }) => error_code)).toEqual(['12300', '12300', '11200']);
  });

  it('reaches a routed host over TLS; a certificate that has expired is as good as no connection', async () => {
    const answer: RequestListener = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/xml' }).end(TWIML);
    };
    const [good, expired] = [await serve(answer, 'server'), await serve(answer, 'expired')];
    const twilio = await start({ routes: { 'api.fikiri.example': Number(new URL(good).port) } });
    const number = twilio.addNumber({ phone_number: NUMBER, sms_url: 'https://api.fikiri.example/sms' });
    const send = () => twilio.text({ from: SENDER, to: NUMBER, body: '' });
    expect(await send()).toMatchObject({ answeredBy: 'webhook', attempts: [{ status: 200 }] });
    number.sms_url = `${expired}/sms#rc=0`;
    expect((await send()).attempts).toMatchObject([{ failure: 'ct', body: 'certificate has expired' }]);
  });

  it('follows the Messaging Service of the number unless that leaves it to the number', async () => {
    const { twilio, number, received, url, send } = await setUp([]);
    const service = twilio.addMessagingService({ inbound_request_url: `${url}/service` }, [number.sid]);
    expect(await send()).toMatchObject({ form: { MessagingServiceSid: service.sid } });
    service.use_inbound_webhook_on_number = true;
    await send();
    expect(received).toEqual(['/service', '/sms']);
    number.sms_application_sid = `AP${'a'.repeat(32)}`;
    expect(await send()).toMatchObject({ answeredBy: 'none' });
    expect(twilio.messages).toHaveLength(3);
    Object.assign(service, { use_inbound_webhook_on_number: false, inbound_request_url: null });
    expect(await send()).toMatchObject({ answeredBy: 'none' });
    expect(twilio.messages).toHaveLength(3);
  });

  it('and a call reach deployed Functions, which refuse what is forged', async () => {
    const code =
      'exports.handler = (context, event, callback) => callback(null, new Twilio.twiml.VoiceResponse())';
    const twilio = await start();
    const { domain } = twilio.deployProject({
      functions: { '/sms': { code }, '/voice': { code } },
      assets: { '/sms-unavailable.xml': { content: TWIML } },
    });
    const urls = { sms_url: `https://${domain}/sms`, voice_url: `https://${domain}/voice` };
    const number = twilio.addNumber({ phone_number: NUMBER, ...urls });
    expect(await twilio.text({ from: SENDER, to: NUMBER, body: '' })).toMatchObject({ status: 200 });
    const called = await twilio.call({ from: SENDER, to: NUMBER });
    expect(called).toMatchObject({ answeredBy: 'webhook', form: { CallStatus: 'ringing' } });
    expect(called.twiml).toContain('<Response/>');
    const forged = { ...signed(twilio, urls.sms_url, { Body: 'a' }), data: { Body: 'b' } };
    expect((await twilio.client().request(forged)).statusCode).toBe(403);
    number.trunk_sid = `TK${'a'.repeat(32)}`;
    expect(await twilio.call({ from: SENDER, to: NUMBER })).toMatchObject({ answeredBy: 'none' });
    const asset = `https://${domain}/sms-unavailable.xml`;
    expect((await twilio.client().request({ method: 'get', uri: asset })).body).toBe(TWIML);
    expect((await twilio.client().request({ method: 'post', uri: asset })).statusCode).toBe(405);
    expect((await twilio.client().request({ method: 'get', uri: `${asset}.bak` })).statusCode).toBe(404);
  });
});

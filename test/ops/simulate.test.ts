import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateRequest } from 'twilio';
import { UsageError } from '../../src/errors';
import { simulate } from '../../src/ops/commands/simulate';
import { explainError } from '../../src/ops/explain-error';
import { STAND_IN_ACCOUNT } from '../../src/ops/stand-in-backend';
import { answer, answerXml, type Backend, closeBackends, startBackend } from '../support/backend';
import { captureOutput } from '../support/operator';

const PROJECT_FOLDER = process.cwd();

// The command reads `.env` of the folder it runs in: here, an empty one.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulate-'));
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(PROJECT_FOLDER);
  rmSync(folder, { recursive: true });
  await closeBackends();
});

async function run(...args: string[]) {
  let code = -1;
  const output = await captureOutput(async () => {
    code = await simulate(args);
  });
  return { code, output };
}

function lastForm({ received }: Backend): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(received.at(-1)?.body));
}

function isSigned({ url, received }: Backend, authToken: string): boolean {
  const { path = '', headers } = received.at(-1) ?? {};
  const form = Object.fromEntries(new URLSearchParams(received.at(-1)?.body));
  return validateRequest(authToken, headers?.['x-twilio-signature'] ?? '', url + path, form);
}

describe('simulate', () => {
  it('sms posts the text to /sms, signed, and prints the answer', async () => {
    const backend = await startBackend(answerXml('<Response/>'));
    const { code, output } = await run('sms', 'Hello 👋 & "you"', '--url', backend.url);
    expect(backend.received[0]).toMatchObject({ method: 'POST', path: '/sms' });
    const form = lastForm(backend);
    expect(form).toMatchObject({ Body: 'Hello 👋 & "you"', To: '+18553894992', NumMedia: '0' });
    expect(form).toMatchObject({ SmsSid: form['MessageSid'], SmsMessageSid: form['MessageSid'] });
    expect(form['MessageSid']).toMatch(/^SM[0-9a-f]{32}$/);
    expect(isSigned(backend, STAND_IN_ACCOUNT.AUTH_TOKEN)).toBe(true);
    expect(output).toBe(`POST ${backend.url}/sms  ${form['MessageSid']}, signed\n200  <Response/>`);
    expect(code).toBe(0);
  });

  it('sms sends an empty text too', async () => {
    const backend = await startBackend(answerXml('<Response/>'));
    expect(await run('sms', '', '--url', backend.url)).toMatchObject({ code: 0 });
    expect(lastForm(backend)).toMatchObject({ Body: '' });
  });

  it('call posts a call to /voice', async () => {
    const backend = await startBackend(answerXml('<Response><Hangup/></Response>'));
    const { code, output } = await run('call', '--url', `${backend.url}/`);
    expect(backend.received[0]?.path).toBe('/voice');
    expect(lastForm(backend)).toMatchObject({
      CallSid: expect.stringMatching(/^CA[0-9a-f]{32}$/),
      CallStatus: 'ringing',
      Direction: 'inbound',
      Called: '+18553894992',
      To: '+18553894992',
    });
    expect(output).toContain('\n200  <Response><Hangup/></Response>');
    expect(code).toBe(0);
  });

  it('posts to the path of --url where it has one', async () => {
    const backend = await startBackend(answer(200));
    await run('sms', 'hello', '--url', `${backend.url}/api/webhooks/twilio/sms`);
    expect(backend.received[0]?.path).toBe('/api/webhooks/twilio/sms');
  });

  it('signs with the account of .env, and texts its first number', async () => {
    const accountSid = `AC${'a'.repeat(32)}`;
    const lines = [
      'AUTH_TOKEN=my-token',
      `ACCOUNT_SID=${accountSid}`,
      'PHONE_NUMBER=+14155550100,+14155550101',
    ];
    writeFileSync('.env', lines.join('\n'));
    const backend = await startBackend(answer(200));
    await run('sms', 'hello', '--url', backend.url);
    expect(isSigned(backend, 'my-token')).toBe(true);
    expect(lastForm(backend)).toMatchObject({ AccountSid: accountSid, To: '+14155550100' });
  });

  it('takes from the environment what .env does not set', async () => {
    writeFileSync('.env', 'AUTH_TOKEN=my-token\nPHONE_NUMBER=\n');
    const { env } = process;
    process.env = { ...env, AUTH_TOKEN: 'of-the-environment', PHONE_NUMBER: '+14155550199' };
    const backend = await startBackend(answer(200));
    await run('sms', 'hello', '--url', backend.url).finally(() => {
      process.env = env;
    });
    expect(isSigned(backend, 'my-token')).toBe(true);
    expect(lastForm(backend)).toMatchObject({ To: '+14155550199' });
  });

  it('without .env signs as npm start without .env expects it, whatever the environment has', async () => {
    const { env } = process;
    process.env = { ...env, AUTH_TOKEN: 'of-the-environment' };
    const backend = await startBackend(answer(200));
    await run('sms', 'hello', '--url', backend.url).finally(() => {
      process.env = env;
    });
    expect(isSigned(backend, STAND_IN_ACCOUNT.AUTH_TOKEN)).toBe(true);
  });

  it.each([
    [403, true],
    [502, false],
  ])('says what a 403 comes from (%i: %p)', async (status, isSaid) => {
    const backend = await startBackend(answer(status));
    const { output } = await run('sms', 'hello', '--url', backend.url);
    expect(output.includes('\nIt has another AUTH_TOKEN than .env here.')).toBe(isSaid);
  });

  it.each([403, 502])('ends with 1 when it is answered %i, and prints why', async (status) => {
    const backend = await startBackend(answer(status, {}, 'Not delivered to Fikiri: status_403'));
    const { code, output } = await run('sms', 'hello', '--url', backend.url);
    expect(output).toContain(`\n${status}  Not delivered to Fikiri: status_403`);
    expect(code).toBe(1);
  });

  it('says when nothing listens there', async () => {
    const error: unknown = await run('call', '--url', 'http://127.0.0.1:9').catch((reason) => reason);
    expect(explainError(error)).toBe(
      'http://127.0.0.1:9/voice did not answer: connect ECONNREFUSED 127.0.0.1:9. Is it running?',
    );
  });

  it.each([[[]], [['sms']], [['sms', 'a', 'b']], [['call', 'hello']], [['fax']]])(
    'meets %p with its usage',
    async (args) => {
      const error = await run(...args).catch((reason) => reason);
      expect(error).toBeInstanceOf(UsageError);
      expect(error.message).toMatch(/^Say what to send, a text in quotes: npm run simulate -- sms "hello"/);
    },
  );

  it.each(['localhost:3000', 'http://', 'ftp://localhost'])(
    'refuses a --url that is none: %s',
    async (url) => {
      const error = await run('call', '--url', url).catch((reason) => reason);
      expect(error).toBeInstanceOf(UsageError);
      expect(error.message).toBe(
        `--url "${url}" is not a URL. Give one like http://localhost:3000 or https://example.ngrok.app/sms`,
      );
    },
  );
});

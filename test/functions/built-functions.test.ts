import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { fsHelpers } from '@twilio-labs/serverless-api';
import { answer, closeBackends, startBackend } from '../support/backend';
import { closeBuiltFunctions, startBuiltFunction } from '../support/built-function';
import { CALL_FORM, hostedContext, MESSAGE_SID, TEXT_FORM } from '../support/inbound-forms';

afterEach(async () => {
  closeBuiltFunctions();
  await closeBackends();
});

describe('what the toolkit deploys', () => {
  it('is two protected Functions and two public assets, and nothing else', async () => {
    const { functions, assets } = await fsHelpers.getListOfFunctionsAndAssets(process.cwd(), {
      functionsFolderNames: ['dist/functions'],
      assetsFolderNames: ['src/assets'],
    });
    const routes = [...functions, ...assets].map(({ path, access }) => `${path} ${access}`);
    expect(routes.sort()).toEqual([
      '/sms protected',
      '/sms-unavailable.xml public',
      '/voice protected',
      '/voice-unavailable.xml public',
    ]);
  });
});

describe('the fallback TwiML', () => {
  /** What Twilio reads of it: neither comments nor layout. */
  const read = (name: string) =>
    readFileSync(`src/assets/${name}`, 'utf8')
      .replace(/<!--.*?-->/gs, '')
      .replace(/>\s+</g, '><')
      .trim();

  it('tells the sender of a text to use email or the website, in one message', () => {
    const [, message = ''] =
      /^<\?xml version="1.0" encoding="UTF-8"\?><Response><Message>([^<]*)<\/Message><\/Response>$/.exec(
        read('sms-unavailable.xml'),
      ) ?? [];
    expect(message).toMatch(/email.*website/);
    expect(message.replace(/&(amp|lt|gt|quot|apos|#\d+);/g, '')).not.toContain('&'); // It would be no XML.
  });

  it('greets a caller as /voice does', async () => {
    const voice = await startBuiltFunction('dist/functions/voice.protected.js');
    const { body } = await voice({ context: { DOMAIN_NAME: 'x.twil.io' }, form: CALL_FORM });
    expect(read('voice-unavailable.xml')).toBe(body);
  });
});

describe.each(['sms', 'voice'])('the built /%s, alone in a folder with the two dependencies', (name) => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(`${tmpdir()}/built-function-`));
    file = `${folder}/${name}.protected.js`;
    copyFileSync(`dist/functions/${basename(file)}`, file);
    for (const dependency of ['twilio', '@twilio/runtime-handler']) {
      const link = `${folder}/node_modules/${dependency}`;
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(resolve('node_modules', dependency), link);
    }
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('answers, loading nothing but modules of Node itself', async () => {
    const backend = await startBackend(answer(200));
    const builtFunction = await startBuiltFunction(file);
    const form = name === 'sms' ? TEXT_FORM : CALL_FORM;
    const { calls, error, status, required } = await builtFunction({
      context: hostedContext(backend.url),
      form,
    });
    expect({ calls, error, status }).toEqual({ calls: 1, error: null, status: 200 });
    expect(required.filter((module) => !module.startsWith('node:'))).toEqual([]);
    if (name === 'sms') expect(backend.received[0]?.headers['idempotency-key']).toBe(MESSAGE_SID);
    else expect(backend.sockets).toHaveLength(0);
  });

  it('is at most 12 kB', () => {
    expect(statSync(file).size).toBeLessThanOrEqual(12_000);
  });
});

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GREETING } from '../../src/inbound/receive-call';
import { inTwiml } from '../../src/ops/in-twiml';
import {
  copyProject,
  type ProjectCopy,
  removeProjectCopies,
  waitForGroupToEnd,
} from '../support/project-copy';

let copy: ProjectCopy;
let temporary: string;

beforeAll(() => {
  copy = copyProject();
});
beforeEach(() => {
  temporary = mkdtempSync(join(copy.folder, 'temporary-'));
});
afterAll(removeProjectCopies);

function start(command = ['npm', 'run', 'demo']) {
  return copy.start(command, { TMPDIR: temporary });
}

/** Expects that nothing of a command is left: no process, no temporary file. */
async function expectNothingLeft(command: ReturnType<typeof start>): Promise<void> {
  expect(await waitForGroupToEnd(command)).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
}

describe('npm run demo', () => {
  it('plays four scenes through the real local runtime, says what each party saw, and leaves nothing', async () => {
    const demo = start();
    const { code, output } = await demo.ended;
    expect(output.match(/^[✔✘] .*/gm)).toEqual([
      '✔ A text',
      '✔ A text with a photo',
      '✔ A call',
      '✔ A forged text, signed with another token',
    ]);
    const scenes = output.split(/^(?=✔)/m).slice(1);
    expect(scenes[0]).toContain('"Hello 👋 & <Fikiri> "1+1""');
    expect(scenes[0]).toMatch(/Fikiri got {6}all 19 parameters, Idempotency-Key SM\w{4}…; answered 200\n/);
    expect(scenes[0]).toMatch(
      /The log says {4}sms delivered sid=SM\w{32}\n {18}from=\+1\*{6}0123 .* status=200/,
    );
    expect(scenes[1]).toMatch(/Fikiri got {6}all 21 parameters, Idempotency-Key MM/);
    const answered = `200  <Response><Say voice="alice">${inTwiml(GREETING)}</Say><Hangup/></Response>`;
    expect(scenes[2]?.replace(/\n +/g, ' ')).toContain(
      `From +14155550123 Fikiri got      nothing Twilio got      ${answered} The log says    voice answered sid=CA`,
    );
    expect(scenes[3]).toMatch(/Fikiri got {6}nothing\n {2}They got {8}403/);
    expect(output).toMatch(/\n4 of 4 went right, in \d+\.\d s\.\nNext: npm start, .*\n$/);
    expect(
      Math.max(
        ...scenes
          .join('')
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(80);
    expect(code).toBe(0);
    await expectNothingLeft(demo);
  }, 30_000);

  it('has nothing to do with .env, nor with the environment', async () => {
    const real = { FIKIRI_BASE_URL: 'https://api.fikirisolutions.com', AUTH_TOKEN: 'f'.repeat(32) };
    copy.configure(real);
    const { code, output } = await copy.run(['npm', 'run', 'demo'], { ...real, TMPDIR: temporary });
    copy.configure({});
    expect(output).toContain('4 of 4 went right');
    expect(code).toBe(0);
  }, 30_000);

  it.each([
    ['npm', ['npm', 'run', 'demo'], 'SIGINT'],
    ['node', [process.execPath, 'dist/ops/cli.js', 'demo'], 'SIGINT'],
  ] as const)(
    'leaves nothing when Ctrl-C ends it midway, under %s',
    async (_what, command, signal) => {
      const demo = start([...command]);
      await demo.prints('✔ A text\n');
      demo.signal(signal);
      const { code, output } = await demo.ended;
      expect(output).not.toContain('went right');
      expect(code).not.toBe(0);
      await expectNothingLeft(demo);
    },
    30_000,
  );

  it('leaves nothing when it alone is told to end, not even a Function that never answers', async () => {
    const path = 'src/functions/sms.protected.ts';
    const source = readFileSync(path, 'utf8');
    const marker = join(copy.folder, 'is-running');
    const hang = `require('node:fs').writeFileSync('${marker}', ''); await new Promise((f) => setInterval(f, 1e6));`;
    copy.write(path, source.replace('  callback(', `  ${hang}\n  callback(`));
    execFileSync(process.execPath, ['build.mjs'], { cwd: copy.folder });
    copy.write(path, source);

    const demo = start([process.execPath, 'dist/ops/cli.js', 'demo']);
    await demo.until(() => existsSync(marker));
    demo.child.kill('SIGTERM');
    expect(await demo.ended).toMatchObject({ code: 130 });
    await expectNothingLeft(demo);
  }, 30_000);

  it.each([
    ['another voice', '✘ A call', 'src/inbound/receive-call.ts', "voice: 'alice'", "voice: 'man'"],
    [
      '200 without a delivery',
      '✘ A text',
      'src/inbound/receive-message.ts',
      'await deliver(message, parseFikiri(context))',
      '{ delivered: true as const, status: 200, twiml: undefined, attempts: 1, ms: 1 }',
    ],
    [
      'forged texts taken',
      '✘ A forged text, signed with another token',
      'src/inbound/receive-message.ts',
      'isForged(context, event)',
      'false',
    ],
    [
      'forged texts refused, but delivered',
      '✘ A forged text, signed with another token',
      'src/inbound/receive-message.ts',
      'logRefusedMessage(message)',
      'await deliver(message, parseFikiri(context))',
    ],
    [
      'a parameter lost',
      '✘ A text',
      'src/inbound/deliver.ts',
      'signRequest(message, fikiri)',
      "signRequest({ ...message, form: { ...message.form, FromCity: '' } }, fikiri)",
    ],
  ])(
    'ends with 1 on %s',
    async (_what, scene, path, right, wrong) => {
      const source = readFileSync(path, 'utf8');
      expect(source).toContain(right);
      copy.write(path, source.replace(right, wrong));
      const demo = start();
      const { code, output } = await demo.ended;
      copy.write(path, source);
      expect(output).toContain(`${scene}\n`);
      expect(output).toMatch(/\n[1-3] of 4 went right/);
      expect(code).toBe(1);
      await expectNothingLeft(demo);
    },
    30_000,
  );

  it('says what twilio-run said when it does not start', async () => {
    const settings = readFileSync('package.json', 'utf8');
    copy.write(
      'package.json',
      settings.replace('"@twilio/runtime-handler": "2.1.0"', '"@twilio/runtime-handler": "^2.1.0"'),
    );
    const demo = start();
    const { code, output } = await demo.ended;
    copy.write('package.json', settings);
    expect(output).toMatch(
      /\ntwilio-run did not start\. It said:\n.*Invalid @twilio\/runtime-handler version/s,
    );
    expect(code).toBe(1);
    await expectNothingLeft(demo);
  }, 15_000); // It does not wait for the 20 s it gives twilio-run to start.
});

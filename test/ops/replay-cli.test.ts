import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { openScene, type Scene } from '../support/replay-scene';

// The command as it is run: a process of its own, the SDK's own client with its retries, the real clock.

const TEN_MINUTES_MS = 600_000;

jest.setTimeout(20_000);

let scene: Scene;
beforeEach(async () => {
  scene = await openScene(Date.now() - TEN_MINUTES_MS);
});
afterEach(() => scene.close());

interface Ended {
  code: number | null;
  output: string;
  errors: string;
}

/** Runs `npm run replay -- …` until it ends; `onOutput` sees what it has printed so far. */
function run(
  args: string[],
  onOutput: (output: string, kill: () => void) => void = () => {},
): Promise<Ended> {
  const { twilio } = scene;
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [resolve('dist/ops/cli.js'), 'replay', '--rate', '90', ...args], {
    cwd: 'test',
    env: { PATH, ...twilio.env, ACCOUNT_SID: twilio.accountSid, AUTH_TOKEN: twilio.authToken },
  });
  const ended: Ended = { code: null, output: '', errors: '' };
  child.stdout.on('data', (data) => {
    ended.output += data;
    onOutput(ended.output, () => child.kill('SIGINT'));
  });
  child.stderr.on('data', (data) => {
    ended.errors += data;
  });
  return new Promise((settle) => child.once('close', (code) => settle({ ...ended, code })));
}

async function lose(count: number) {
  scene.fikiri.mode = 'forbidden';
  for (let number = 0; number < count; number += 1) {
    await scene.text({ from: `+1415555010${number}`, body: String(number) });
    scene.pass(1000);
  }
  scene.fikiri.mode = 'up';
  scene.pass(TEN_MINUTES_MS - count * 1000);
}

const bodies = () => scene.fikiri.accepted.map((form) => form['Body']);

describe('node dist/ops/cli.js replay', () => {
  it('waits and asks again where Twilio answers 429', async () => {
    await lose(1);
    const lists = [/\/Alerts$/, /\/Alerts\/NO/, /\/Messages\.json$/, /\/Logs$/];
    for (const list of lists) scene.twilio.fail(({ path }) => list.test(path), { status: 429 }, 2);
    const { code, errors, output } = await run([]);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toMatch(/^1 to replay.*\ndelivered SM/);
    const busy = scene.twilio.requests.filter(({ status }) => status === 429);
    expect(busy).toHaveLength(2 * lists.length);
  });

  it('breaks off when the network goes, without a stack, and goes on from there', async () => {
    await lose(3);
    scene.twilio.fail(({ path }) => path === '/sms' && scene.fikiri.accepted.length === 1, 'reset', 1);
    const { code, errors, output } = await run([]);
    expect(code).toBe(1);
    expect(errors).toMatch(/^Broken off after 1 of 3\. .* Run it again: it goes on from there\.\n$/);
    expect(output).toContain('2 × broken off');
    expect((await run([])).code).toBe(0);
    expect(bodies()).toEqual(['0', '1', '2']);
  });

  it('says at Ctrl-C how far it came, exits 1, and goes on from there', async () => {
    await lose(3);
    let killed = false;
    const { code, errors, output } = await run([], (soFar, kill) => {
      if (killed || !soFar.includes('delivered SM')) return;
      killed = true;
      kill();
    });
    expect({ code, errors }).toEqual({ code: 1, errors: '' });
    expect(output).toContain('delivered     1\n');
    expect(output).toContain('2 × interrupted');
    expect((await run([])).code).toBe(0);
    expect(bodies()).toEqual(['0', '1', '2']);
  });

  it('prints nothing but JSON on its output with --json', async () => {
    await lose(1);
    const { code, errors, output } = await run(['--json']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(JSON.parse(output)).toMatchObject([{ outcome: 'delivered' }]);
  });

  it.each([
    [['--fast'], "Unknown option '--fast'."],
    [['now'], "Unexpected argument 'now'."],
    [['--since'], "Option '--since <value>' argument missing."],
    [['--rate', 'x'], '--rate "x" is not'],
  ])('exits 2 on %j', async (args, message) => {
    const { code, errors, output } = await run(args);
    expect({ code, output }).toEqual({ code: 2, output: '' });
    expect(errors).toContain(message);
    expect(errors).not.toContain('    at ');
  });
});

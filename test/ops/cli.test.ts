import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { scripts } from '../../package.json';
import { copyProject, type ProjectCopy, removeProjectCopies } from '../support/project-copy';
import { type StandInTwilio, startStandInTwilio } from '../support/stand-in-twilio';

const DEPLOY_USAGE = 'npm run deploy -- [--dry-run] [--any-tree]';
const ATTACH_USAGE = 'npm run attach -- [--dry-run] [--direct] [--force]';
const SIMULATE_USAGE = 'npm run simulate -- sms "hello" | call [--url …]';
const REPLAY_USAGE =
  'npm run replay -- [--since …] [--until …] [--sid …] [--rate …] [--reconcile] [--dry-run] [--json]';

let copy: ProjectCopy;
let twilio: StandInTwilio;

beforeAll(async () => {
  twilio = await startStandInTwilio();
  copy = copyProject();
});
afterAll(async () => {
  await removeProjectCopies();
  await twilio.close();
});

/** Runs the built command line with credentials in its environment. */
function run(...args: string[]) {
  const { accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, env } = twilio;
  return copy.run([process.execPath, 'dist/ops/cli.js', ...args], { ACCOUNT_SID, AUTH_TOKEN, ...env });
}

describe('the command line', () => {
  const commands = ['demo', 'start', 'simulate', 'deploy', 'attach', 'status', 'replay', 'rollback', 'logs'];

  it.each([[[]], [['stauts']], [['--help']], [['constructor']]])(
    'meets %p with the commands there are, and 2',
    async (args) => {
      const { code, output } = await run(...args);
      expect(output).toBe(`"${args[0] ?? ''}" is not a command. There are: ${commands.join(', ')}.\n`);
      expect(code).toBe(2);
    },
  );

  it('has a script of package.json for each command, and a command for each such script', () => {
    const called = Object.entries(scripts).flatMap(([script, line]) => {
      const [, command] = /cli\.js (\w+)/.exec(line) ?? [];
      return command ? [[script, command]] : [];
    });
    expect(called).toEqual(commands.map((command) => [command, command]));
  });

  it.each([
    [['status', '--jsno'], "Unknown option '--jsno'.", 'npm run status -- [--json]'],
    [['deploy', '--any'], "Unknown option '--any'.", DEPLOY_USAGE],
    [['attach', '--dry-run=yes'], "Option '--dry-run' does not take an argument.", ATTACH_USAGE],
    [['attach', '+18553894992'], "Unexpected argument '+18553894992'.", ATTACH_USAGE],
    [['rollback', 'ZB0'], "Unexpected argument 'ZB0'.", 'npm run rollback'],
    [['replay', '--since'], "Option '--since <value>' argument missing.", REPLAY_USAGE],
    [['replay', '--since', '--json'], "Option '--since' argument is ambiguous.", REPLAY_USAGE],
    [['simulate', 'sms', 'hello', '--url'], "Option '--url <value>' argument missing.", SIMULATE_USAGE],
    [['demo', '--slow'], "Unknown option '--slow'.", 'npm run demo'],
  ])('meets %p with one line that helps, and 2', async (args, fact, usage) => {
    const { code, output } = await run(...args);
    expect(output).toBe(`${fact} Usage: ${usage}\n`);
    expect(code).toBe(2);
    expect(twilio.requests).toEqual([]);
  });

  it.each(commands)('says how %s is called with --help, asks nobody, and ends with 0', async (name) => {
    const { code, output } = await run(name, '--help');
    expect(output).toMatch(new RegExp(`^Usage: npm run ${name}\\b.*\n[^]*What it does stands in README.md`));
    expect(code).toBe(0);
    expect(twilio.requests).toEqual([]);
  });

  it('says what each option does with --help, and what stands for it', async () => {
    expect((await run('replay', '--help')).output).toContain(
      [
        `Usage: ${REPLAY_USAGE}`,
        '  --since …     how far back: 30m, 24h, 7d, or a time (24h)',
        '  --until …     up to when; a minute ago at the latest',
      ].join('\n'),
    );
    expect((await run('logs', '--help')).output).toContain('All of them: npx twilio-run logs --help\n');
  });

  it.each([
    ['attach', '--dry-run', ATTACH_USAGE],
    ['attach', '--direct', ATTACH_USAGE],
    ['replay', '--dry-run', REPLAY_USAGE],
    ['deploy', '--any-tree', DEPLOY_USAGE],
    ['deploy', '--dry-run', DEPLOY_USAGE],
  ])('does nothing on `npm run %s %s`: npm took the option', async (name, option, usage) => {
    const { accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, env } = twilio;
    const command = ['npm', 'run', '--silent', name, option];
    const { code, output } = await copy.run(command, { ACCOUNT_SID, AUTH_TOKEN, ...env });
    expect(output).toContain(`npm took ${option} for itself. Put -- before it: ${usage}\n`);
    expect(code).toBe(2);
    expect(twilio.requests).toEqual([]);
  });

  it.each([
    ['attach', '--dry-run', 'npm_config_dry_run'],
    ['replay', '--since=7d', 'npm_config_since'],
  ])('takes `%s %s` where npm took the option too', async (name, option, taken) => {
    const { accountSid: ACCOUNT_SID, authToken: AUTH_TOKEN, env } = twilio;
    const command = [process.execPath, 'dist/ops/cli.js', name, option];
    const { output } = await copy.run(command, { ACCOUNT_SID, AUTH_TOKEN, ...env, [taken]: 'true' });
    expect(output).toMatch(/^(Note: n|N)othing is deployed/);
  });

  it("prints an operator's mistake as one line without a stack, and ends with 1", async () => {
    const { code, output } = await run('attach');
    expect(output).toBe(
      'Nothing is deployed: there is no "fikiri-twilio-functions" in this account. Run: npm run deploy\n',
    );
    expect(code).toBe(1);
  });

  it.each([
    [
      { status: 401 },
      /^Twilio answered 401 \(error 20003\): .* Check ACCOUNT_SID and AUTH_TOKEN in \.env\.\n$/,
    ],
    [{ status: 503 }, /^Twilio answered 503 .*: try again, and see https:\/\/status\.twilio\.com\n$/],
    [
      'reset',
      /^Twilio was not reached: socket hang up\. Check the network, and HTTP_PROXY if there is one\.\n$/,
    ],
  ] as const)('prints an error of Twilio so too: %p', async (failure, line) => {
    twilio.fail(() => true, failure, 1);
    const { code, output } = await run('rollback');
    expect(output).toMatch(line);
    expect(code).toBe(1);
  });

  it('asks again when Twilio has had too many requests', async () => {
    twilio.fail(() => true, { status: 429 }, 2);
    expect((await run('rollback')).output).toContain('Nothing is deployed');
  });

  it('prints a defect of its own with its stack, and ends with 1', async () => {
    const broken = readFileSync('src/ops/commands/rollback.ts', 'utf8').replace(
      'requireDeployment(',
      'undefined.requireDeployment(',
    );
    copy.write('src/ops/commands/rollback.ts', broken);
    execFileSync(process.execPath, ['build.mjs'], { cwd: copy.folder });
    const { code, output } = await run('rollback');
    expect(output).toMatch(/^TypeError: .*\n +at rollback \(.*cli\.js/);
    expect(code).toBe(1);
  });
});

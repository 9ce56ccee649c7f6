import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { scripts } from '../../package.json';
import { copyProject, type ProjectCopy, removeProjectCopies } from '../support/project-copy';
import { type StandInTwilio, startStandInTwilio } from '../support/stand-in-twilio';

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

  it.each([[[]], [['stauts']], [['--help']]])('meets %p with the commands there are, and 2', async (args) => {
    const { code, output } = await run(...args);
    expect(output).toBe(`"${args[0] ?? ''}" is not a command. There are: ${commands.join(', ')}.\n`);
    expect(code).toBe(2);
  });

  it('has a script of package.json for each command, and a command for each such script', () => {
    const called = Object.entries(scripts).flatMap(([script, line]) => {
      const [, command] = /cli\.js (\w+)/.exec(line) ?? [];
      return command ? [[script, command]] : [];
    });
    expect(called).toEqual(commands.map((command) => [command, command]));
  });

  it.each([
    [['status', '--jsno'], "Unknown option '--jsno'."],
    [['deploy', '--any'], "Unknown option '--any'."],
    [['attach', '--dry-run=yes'], "Option '--dry-run' does not take an argument."],
    [['attach', '+18553894992'], "Unexpected argument '+18553894992'."],
    [['rollback', 'ZB0'], "Unexpected argument 'ZB0'."],
    [['replay', '--since'], "Option '--since <value>' argument missing."],
    [['simulate', 'sms', 'hello', '--url'], "Option '--url <value>' argument missing."],
    [['demo', '--slow'], "Unknown option '--slow'."],
  ])('meets %p with one line that helps, and 2', async (args, fact) => {
    const { code, output } = await run(...args);
    expect(output).toBe(`${fact} README.md has a table of the commands.\n`);
    expect(code).toBe(2);
    expect(twilio.requests).toEqual([]);
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
    const broken = readFileSync('src/ops/rollback.ts', 'utf8').replace(
      'parseArgs({',
      'undefined.parseArgs({',
    );
    copy.write('src/ops/rollback.ts', broken);
    execFileSync(process.execPath, ['build.mjs'], { cwd: copy.folder });
    const { code, output } = await run('rollback');
    expect(output).toMatch(/^TypeError: .*\n +at rollback \(.*cli\.js/);
    expect(code).toBe(1);
  });
});

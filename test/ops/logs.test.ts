import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { deployBuilt } from '../support/operator';
import { copyProject, removeProjectCopies, waitForGroupToEnd } from '../support/project-copy';
import { type StandInTwilio, startStandInTwilio } from '../support/stand-in-twilio';

let twilio: StandInTwilio;

beforeAll(async () => {
  twilio = await startStandInTwilio();
});
afterAll(async () => {
  await removeProjectCopies();
  await twilio.close();
});

describe('npm run logs', () => {
  it.each([
    ['Ctrl-C', 'SIGINT'],
    ['it is killed', 'SIGTERM'],
    ['its terminal is closed', 'SIGHUP'],
  ] as const)(
    'prints the lines of the deployed Functions as they come, until %s, and leaves nothing',
    async (_, signal) => {
      deployBuilt(twilio);
      const copy = copyProject();
      const temporary = join(copy.folder, 'temporary');
      mkdirSync(temporary);
      copy.configure({ ACCOUNT_SID: twilio.accountSid, AUTH_TOKEN: twilio.authToken });
      twilio.addLog({ message: 'sms delivered sid=SM1' });

      const logs = copy.start(['npm', 'run', 'logs'], { ...twilio.env, TMPDIR: temporary });
      await logs.prints('sms delivered sid=SM1');
      twilio.addLog({ message: 'sms delivered sid=SM2' });
      await logs.prints('sms delivered sid=SM2');
      logs.signal(signal);
      await logs.ended;

      expect(logs.output()).not.toContain(twilio.authToken);
      expect(await waitForGroupToEnd(logs)).toEqual([]);
      expect(readdirSync(temporary)).toEqual([]);
      expect(twilio.writes()).toEqual([]);
    },
    30_000,
  );

  it('leaves other options to twilio-run, and ends with its exit code', async () => {
    deployBuilt(twilio);
    const copy = copyProject();
    copy.configure({ ACCOUNT_SID: twilio.accountSid, AUTH_TOKEN: twilio.authToken });
    const command = [process.execPath, 'dist/ops/cli.js', 'logs', '--log-level', 'loud'];
    const { code, output } = await copy.run(command, twilio.env);
    expect(output).toContain('Argument: log-level, Given: "loud"');
    expect(code).toBe(1);
  });
});

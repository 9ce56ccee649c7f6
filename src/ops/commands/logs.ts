import { requireDeployment } from '../find-deployment';
import type { Operator } from '../operator';
import { writeEnvFile } from '../settings';
import { runTwilioRun } from '../twilio-run';

/** `npm run logs`: the deployed Functions' log lines as they come, until Ctrl-C. Resolves to the exit code. */
export async function logs(args: string[], { client, accountSid, authToken }: Operator): Promise<number> {
  const { serviceSid } = await requireDeployment(client);
  const env = writeEnvFile({ ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken });
  process.once('SIGINT', () => {}); // twilio-run gets it too, and ends; then the file below is removed.
  try {
    const where = ['--production', '--service-sid', serviceSid, '--env', env.file];
    return await runTwilioRun(['logs', '--tail', ...where, ...args]);
  } finally {
    env.remove();
  }
}

import { requireDeployment } from '../find-deployment';
import type { Operator } from '../operator';
import { runTwilioRun } from '../twilio-run';

/** `npm run logs`: the deployed Functions' log lines as they come, until Ctrl-C. Resolves to the exit code. */
export async function logs(args: string[], { client, accountSid, authToken }: Operator): Promise<number> {
  const { serviceSid } = await requireDeployment(client);
  const command = ['logs', '--tail', '--production', '--service-sid', serviceSid, ...args];
  return runTwilioRun(command, { ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken });
}

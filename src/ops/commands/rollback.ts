import { OperatorError } from '../../errors';
import { requireDeployment } from '../find-deployment';
import type { Operator } from '../operator';
import { green, print } from '../terminal';

/** `npm run rollback`: activates the build that was live before this one. Resolves to the exit code. */
export async function rollback({ client }: Operator): Promise<number> {
  const { serviceSid, environmentSid, buildSid, domain } = await requireDeployment(client);
  const { deployments } = client.serverless.v1.services(serviceSid).environments(environmentSid);

  const history = await deployments.list();
  history.sort((a, b) => b.dateCreated.getTime() - a.dateCreated.getTime());
  const previous = history.find((deployment) => deployment.buildSid !== buildSid);
  if (!previous)
    throw new OperatorError(`There is no build before ${buildSid}: it is the first on ${domain}.`);

  try {
    await deployments.create({ buildSid: previous.buildSid });
  } catch (error) {
    const { status } = error as { status?: number };
    if (status !== 400 && status !== 404) throw error;
    // Builds that are not live are kept for up to 7 days. https://www.twilio.com/docs/serverless/api
    throw new OperatorError(
      `Twilio no longer has build ${previous.buildSid}; ${buildSid} stays live. Check out the commit you want, and run: npm run deploy`,
    );
  }
  print(green(`Build ${previous.buildSid} is live on https://${domain} again, instead of ${buildSid}.`));
  print('Variables stay as they are now. To look at the result: npm run status. To undo: npm run rollback');
  return 0;
}

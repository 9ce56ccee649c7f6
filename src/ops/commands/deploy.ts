import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { parsePhoneNumbers } from '../../config';
import { OperatorError } from '../../errors';
import {
  createService,
  type Deployment,
  findDeployment,
  findService,
  RUNTIME,
  requireDeployment,
} from '../find-deployment';
import type { Operator } from '../operator';
import { readWebhooks } from '../read-webhooks';
import { readFunctionVariables } from '../settings';
import { bold, print } from '../terminal';
import { runTwilioRun } from '../twilio-run';
import { attach, verifyOffTrunk } from './attach';
import { status } from './status';

export const DEPLOY_OPTIONS = {
  'dry-run': { type: 'boolean', does: 'checks, shows what would change, and changes nothing' },
  'any-tree': { type: 'boolean', does: 'deploys uncommitted changes too' },
} as const;

/** `npm run deploy`: checks, uploads with twilio-run, attaches, and looks at the result. Resolves to the exit code. */
export async function deploy(args: string[], operator: Operator): Promise<number> {
  const { values } = parseArgs({ args, options: DEPLOY_OPTIONS });
  const commit = verifyTree(values['any-tree'] ?? false);
  const variables = readFunctionVariables(operator.variables);
  verifyOffTrunk(await readWebhooks(operator.client, parsePhoneNumbers(operator.variables)));
  if (values['dry-run']) {
    print(bold(`Would deploy commit ${commit}`));
    print(`/sms and /voice, protected; both fallbacks; ${Object.keys(variables).join(', ')}`);
    print(bold('\nWould attach'));
    await attach(operator, { dryRun: true });
    return 0;
  }
  const previous = await findDeployment(operator.client);

  print(bold(`Deploying commit ${commit}`));
  await upload(operator, variables);
  const deployment = await requireDeployment(operator.client);
  await verifyUpload(operator, deployment);

  print(bold('\nAttaching'));
  await attach(operator);
  print(bold('\nStatus'));
  const exitCode = await status([], operator);

  print(`\nBuild ${deployment.buildSid} of commit ${commit} is live on https://${deployment.domain}`);
  if (previous) print(`To bring back the build before it (${previous.buildSid}): npm run rollback`);
  return exitCode;
}

/** The commit that is deployed. Throws OperatorError where the files are not those of a commit. */
function verifyTree(anyTree: boolean): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const changed = git('status', '--porcelain');
    const commit = git('rev-parse', '--short', 'HEAD');
    if (changed === '') return commit;
    if (anyTree) return `${commit} with uncommitted changes`;
  } catch {
    if (anyTree) return '(unknown)';
    throw new OperatorError(
      'git knows no commit of this folder. Deploy from a clone, or as it is: npm run deploy -- --any-tree',
    );
  }
  throw new OperatorError(
    'The working tree has uncommitted changes. Commit them, or deploy as it is: npm run deploy -- --any-tree',
  );
}

async function upload(
  { client, accountSid, authToken }: Operator,
  variables: Record<string, string>,
): Promise<void> {
  const serviceSid = (await findService(client)) ?? (await createService(client));
  const credentials = { ACCOUNT_SID: accountSid, AUTH_TOKEN: authToken };
  const exitCode = await runTwilioRun(['deploy', '--service-sid', serviceSid], {
    ...variables,
    ...credentials,
  });
  if (exitCode !== 0) {
    throw new OperatorError('twilio-run could not deploy (above). The build that was live before still is.');
  }
}

async function verifyUpload(
  { client }: Operator,
  { serviceSid, environmentSid, runtime }: Deployment,
): Promise<void> {
  if (runtime !== RUNTIME) {
    throw new OperatorError(
      `The build runs on ${runtime}, not ${RUNTIME}. Set "runtime" in .twilioserverlessrc.`,
    );
  }
  const uploaded = await client.serverless.v1
    .services(serviceSid)
    .environments(environmentSid)
    .variables.list();
  const redacted = uploaded.filter(({ value }) => value === '[REDACTED]').map(({ key }) => key);
  if (redacted.length > 0) {
    throw new OperatorError(
      `Uploaded as [REDACTED]: ${redacted.join(', ')}. Deploy again without debug logs.`,
    );
  }
}

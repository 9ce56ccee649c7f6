import type { Deployment } from '../find-deployment';
import type { Operator } from '../operator';
import { readFunctionVariables } from '../settings';
import { type Finding, finding } from './finding';

/** Whether the deployed variables are those of `.env`. Values are not shown: any of them may be a secret. */
export async function checkVariables(operator: Operator, deployment: Deployment): Promise<Finding[]> {
  const { serviceSid, environmentSid } = deployment;
  const { client, variables } = operator;
  const environment = client.serverless.v1.services(serviceSid).environments(environmentSid);
  const deployed = new Map((await environment.variables.list()).map(({ key, value }) => [key, value]));

  const wanted = readFunctionVariables(variables);
  const findings = Object.entries(wanted).map(([key, value]) => {
    const isEqual = deployed.get(key) === value;
    const saw = isEqual
      ? 'deployed as in .env'
      : deployed.has(key)
        ? 'deployed with another value'
        : 'not deployed';
    return finding(
      isEqual,
      key,
      saw,
      'The Functions work with another value than .env has. Run: npm run deploy',
    );
  });
  const stale = [...deployed.keys()].filter((key) => !(key in wanted));
  if (stale.length > 0) {
    const remedy =
      'Set by hand or by an earlier .env; the toolkit never removes one. Twilio Console > Functions';
    findings.push({ level: 'note', subject: 'other variables', saw: stale.join(', '), remedy });
  }
  return findings;
}

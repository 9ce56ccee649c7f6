import { parseArgs } from 'node:util';
import { checkFikiri } from '../checks/check-fikiri';
import { checkFunctions } from '../checks/check-functions';
import { checkNumbers } from '../checks/check-numbers';
import { checkTraffic } from '../checks/check-traffic';
import { checkVariables } from '../checks/check-variables';
import { type Finding, finding } from '../checks/finding';
import { explainError } from '../explain-error';
import { type Deployment, findDeployment } from '../find-deployment';
import type { Operator } from '../operator';
import { bold, green, layOut, print, red } from '../terminal';

const INDENT = '    ';

export const STATUS_OPTIONS = {
  json: { type: 'boolean', default: false, does: 'for scripts' },
} as const;

/** `npm run status`: looks at everything that decides whether a text arrives. Resolves to the exit code. */
export async function status(args: string[], operator: Operator): Promise<number> {
  const { values } = parseArgs({ args, options: STATUS_OPTIONS });
  const findings: Finding[] = [];
  for await (const found of look(operator)) {
    findings.push(found);
    if (!values.json) printFinding(found);
  }
  const wrong = findings.filter(({ level }) => level === 'wrong').length;
  if (values.json) print(JSON.stringify({ wrong, findings }, null, 2));
  else print(wrong === 0 ? green('\nAll is right.') : red(`\n${wrong} wrong: a text can be lost or forged.`));
  return wrong === 0 ? 0 : 1;
}

async function* look(operator: Operator): AsyncGenerator<Finding> {
  const { client, accountSid } = operator;
  let deployment: Deployment | undefined;
  try {
    const account = await client.api.v2010.accounts(accountSid).fetch();
    const remedy = 'A suspended account receives nothing. Twilio Console > Billing';
    yield finding(account.status === 'active', 'account', `${accountSid} is ${account.status}`, remedy);
    deployment = await findDeployment(client);
  } catch (error) {
    yield toFinding('account', error);
    yield* await checkFikiri(operator).catch((cause) => [toFinding('Fikiri', cause)]);
    return;
  }
  if (!deployment) {
    yield finding(
      false,
      'service',
      'nothing is deployed',
      'Texts do not reach the Functions. Run: npm run deploy',
    );
  }
  const online = deployment;
  const checks = {
    functions: online && (() => checkFunctions(operator, online)),
    variables: online && (() => checkVariables(operator, online)),
    numbers: online && (() => checkNumbers(operator, online)),
    Fikiri: () => checkFikiri(operator),
    'last 24 h': online && (() => checkTraffic(operator, online)),
  };
  for (const [subject, check] of Object.entries(checks)) {
    try {
      if (check) yield* await check();
    } catch (error) {
      yield toFinding(subject, error);
    }
  }
}

/** A check that could not be made is wrong: nobody knows whether texts arrive. A defect is thrown on. */
function toFinding(subject: string, error: unknown): Finding {
  const saw = explainError(error);
  if (saw === undefined) throw error;
  return finding(false, subject, saw, 'This could not be checked. Mend it, then run: npm run status');
}

function printFinding({ level, subject, saw, remedy }: Finding): void {
  const mark = { right: green('✔'), note: bold('!'), wrong: red('✘') }[level];
  print(`${mark} ${layOut(`${subject}: ${saw}`, INDENT).trimStart()}`);
  if (remedy) print(layOut(remedy, INDENT));
}

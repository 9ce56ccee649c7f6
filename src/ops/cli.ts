import { OperatorError, UsageError } from '../errors';
import { demo } from './demo';
import { simulate } from './simulate';
import { start } from './start';
import { red } from './terminal';

/** Each command takes its arguments and resolves to the exit code: 0 done, 1 failed or something is wrong. */
const COMMANDS: Record<string, (args: string[]) => Promise<number>> = { demo, start, simulate };

async function run([name = '', ...args]: string[]): Promise<number> {
  const command = COMMANDS[name];
  if (!command)
    throw new UsageError(`"${name}" is not a command. There are: ${Object.keys(COMMANDS).join(', ')}.`);
  return command(args);
}

function exitCodeOf(error: unknown): number {
  const isUsage =
    error instanceof UsageError || String((error as { code?: string }).code).startsWith('ERR_PARSE_ARGS');
  // An operator's mistake needs no stack trace, a defect does.
  const isExpected = isUsage || error instanceof OperatorError;
  const { message, stack } = error as Error;
  console.error(red(isExpected ? message.replace(/(^Unknown option \S+?'?)\. .*/s, '$1.') : (stack ?? String(error))));
  return isUsage ? 2 : 1;
}

run(process.argv.slice(2))
  .catch(exitCodeOf)
  .then((code) => process.exit(code));

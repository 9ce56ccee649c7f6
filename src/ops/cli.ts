import { UsageError } from '../errors';
import { attachCommand } from './attach';
import { demo } from './demo';
import { deploy } from './deploy';
import { explainError } from './explain-error';
import { logs } from './logs';
import { openOperator } from './operator';
import { replayCommand } from './replay-command';
import { rollback } from './rollback';
import { simulate } from './simulate';
import { start } from './start';
import { status } from './status';
import { red } from './terminal';

/** Each command takes its arguments and resolves to the exit code: 0 done, 1 failed or something is wrong. */
const COMMANDS: Record<string, (args: string[]) => Promise<number>> = {
  demo,
  start,
  simulate,
  deploy: (args) => deploy(args, openOperator()),
  attach: (args) => attachCommand(args, openOperator()),
  status: (args) => status(args, openOperator()),
  replay: (args) => replayCommand(args, openOperator()),
  rollback: (args) => rollback(args, openOperator()),
  logs: (args) => logs(args, openOperator()),
};

async function run([name = '', ...args]: string[]): Promise<number> {
  const command = COMMANDS[name];
  if (!command)
    throw new UsageError(`"${name}" is not a command. There are: ${Object.keys(COMMANDS).join(', ')}.`);
  return command(args);
}

/** Prints an error: an operator's mistake as one message, a defect with its stack. Returns the exit code. */
function printError(error: unknown): number {
  const { message, stack, code } = error as Error & { code?: unknown };
  const isParseArgs = String(code).startsWith('ERR_PARSE_ARGS'); // Twilio's own codes are numbers.
  const explained = isParseArgs
    ? `${message.split('. ')[0]}. README.md has a table of the commands.`
    : explainError(error);
  console.error(red(explained ?? stack ?? String(error)));
  return isParseArgs || error instanceof UsageError ? 2 : 1;
}

run(process.argv.slice(2))
  .catch(printError)
  .then((code) => process.exit(code));

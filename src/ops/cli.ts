import { UsageError } from '../errors';
import { ATTACH_OPTIONS, attachCommand } from './commands/attach';
import { demo } from './commands/demo';
import { DEPLOY_OPTIONS, deploy } from './commands/deploy';
import { logs } from './commands/logs';
import { REPLAY_OPTIONS, replayCommand } from './commands/replay';
import { rollback } from './commands/rollback';
import { SIMULATE_OPTIONS, simulate } from './commands/simulate';
import { start } from './commands/start';
import { STATUS_OPTIONS, status } from './commands/status';
import { explainError } from './explain-error';
import { openOperator } from './operator';
import { layOut, print, redOnError } from './terminal';
import { describeOptions, describeUsage, type Options, verifyUsage } from './usage';

interface Command {
  /** Takes the arguments and resolves to the exit code: 0 done, 1 failed or something is wrong. */
  run(args: string[]): Promise<number>;
  /** What it understands; undefined where twilio-run gets it all. */
  options?: Options;
}

const COMMANDS: Record<string, Command> = {
  demo: { run: demo, options: {} },
  start: { run: start },
  simulate: { run: simulate, options: SIMULATE_OPTIONS },
  deploy: { run: (args) => deploy(args, openOperator()), options: DEPLOY_OPTIONS },
  attach: { run: (args) => attachCommand(args, openOperator()), options: ATTACH_OPTIONS },
  status: { run: (args) => status(args, openOperator()), options: STATUS_OPTIONS },
  replay: { run: (args) => replayCommand(args, openOperator()), options: REPLAY_OPTIONS },
  rollback: { run: () => rollback(openOperator()), options: {} },
  logs: { run: (args) => logs(args, openOperator()) },
};

async function run([name = '', ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    throw new UsageError(`"${name}" is not a command. There are: ${Object.keys(COMMANDS).join(', ')}.`);
  }
  const { options } = command;
  if (args.includes('--help')) {
    printHelp(name, options);
    return 0;
  }
  if (options) verifyUsage(name, options, args);
  return command.run(args);
}

function printHelp(name: string, options: Options | undefined): void {
  if (options) {
    print(layOut(`Usage: ${describeUsage(name, options)}`));
    for (const line of describeOptions(options)) print(line);
  } else {
    print(`Usage: npm run ${name} -- [any option of twilio-run ${name}]`);
    print(`All of them: npx twilio-run ${name} --help`);
  }
  print('What it does stands in README.md, "Commands".');
}

/** Prints an error: an operator's mistake as one message, a defect with its stack. Returns the exit code. */
function printError(error: unknown): number {
  const fact = explainError(error);
  const text = fact ? layOut(fact, '', process.stderr) : ((error as Error).stack ?? String(error));
  console.error(redOnError(text));
  return error instanceof UsageError ? 2 : 1;
}

run(process.argv.slice(2))
  .catch(printError)
  .then((code) => process.exit(code));

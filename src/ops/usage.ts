import { parseArgs } from 'node:util';
import { UsageError } from '../errors';

/** A command's options, as node:util's parseArgs wants them, and what each does. */
export type Options = Record<
  string,
  { type: 'boolean' | 'string'; default?: string | boolean; does: string }
>;

/** How to call a command: `npm run attach -- [--dry-run] [--direct] [--force]`. */
export function describeUsage(name: string, options: Options): string {
  const words = Object.entries(options).map(([option, { type }]) => {
    return type === 'string' ? `[--${option} …]` : `[--${option}]`;
  });
  const positionals = name === 'simulate' ? ['sms "hello" | call'] : [];
  return [`npm run ${name}`, ...(words.length > 0 ? ['--'] : []), ...positionals, ...words].join(' ');
}

/** A line for each option: what it does, and what stands for it where it is not given. */
export function describeOptions(options: Options): string[] {
  return Object.entries(options).map(([option, { type, default: standard, does }]) => {
    const name = `--${option}${type === 'string' ? ' …' : ''}`;
    return `  ${name.padEnd(12)}  ${does}${typeof standard === 'string' ? ` (${standard})` : ''}`;
  });
}

/** Throws UsageError where a command is called with words it does not know, before it does anything. */
export function verifyUsage(name: string, options: Options, args: string[]): void {
  const usage = describeUsage(name, options);
  verifyNotTaken(Object.keys(options), args, usage);
  try {
    parseArgs({ args, options, allowPositionals: name === 'simulate' });
  } catch (error) {
    // Node's sentence, without its advice.
    throw new UsageError(`${(error as Error).message.split(/\.(?:\s|$)/)[0]}. Usage: ${usage}`);
  }
}

/** Throws UsageError where npm took one of these options for itself. */
export function verifyNotTaken(options: string[], args: string[], usage: string): void {
  const taken = options.find((option) => isTakenByNpm(option, args));
  if (taken) throw new UsageError(`npm took --${taken} for itself. Put -- before it: ${usage}`);
}

/** `npm run attach --dry-run`, without `--`, reaches us as a variable: the real thing would be done. */
function isTakenByNpm(option: string, args: string[]): boolean {
  const isGiven = args.some((arg) => arg === `--${option}` || arg.startsWith(`--${option}=`));
  return !isGiven && process.env[`npm_config_${option.replaceAll('-', '_')}`] !== undefined;
}

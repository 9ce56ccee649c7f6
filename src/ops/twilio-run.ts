import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { writeEnvFile } from './settings';

/** Starts the project's own twilio-run. Its server listens on loopback only; what it forks ends with it. */
export function spawnTwilioRun(args: string[], stdio: 'inherit' | 'pipe'): ChildProcess {
  const twilioRun = require.resolve('twilio-run/bin/twilio-run.js');
  const preload = join(__dirname, 'preload.js');
  // With debug logs on, the toolkit uploads secrets as "[REDACTED]".
  // https://github.com/twilio-labs/serverless-toolkit/issues/334
  const { DEBUG: _, ...env } = process.env;
  return spawn(process.execPath, ['--require', preload, twilioRun, ...args], {
    env,
    stdio: [stdio === 'inherit' ? 'inherit' : 'ignore', stdio, stdio],
  });
}

/**
 * Runs twilio-run to its end with the operator's terminal, and with these variables in a file that is removed
 * afterwards. Resolves to its exit code.
 */
export async function runTwilioRun(args: string[], variables: Record<string, string>): Promise<number> {
  const env = writeEnvFile(variables);
  const stay = () => {}; // On Ctrl-C twilio-run, which gets it too, ends; then the file with the token is removed.
  process.on('SIGINT', stay);
  try {
    const child = spawnTwilioRun([...args, '--env', env.file], 'inherit');
    return await new Promise((resolve) => {
      child.once('exit', (code) => resolve(code ?? 1));
    });
  } finally {
    process.off('SIGINT', stay);
    env.remove();
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

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

/** Runs twilio-run to its end with the operator's terminal. Resolves to its exit code. */
export function runTwilioRun(args: string[]): Promise<number> {
  const child = spawnTwilioRun(args, 'inherit');
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

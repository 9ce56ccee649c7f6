import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { writeEnvFile } from './settings';

/** Ctrl-C, kill, and a terminal that is closed. */
export const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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
 * Resolves to the child's exit code; null where a signal ended it. A signal that would end this process ends the
 * child instead, so that what it leaves, a file with the Auth Token, can be removed.
 */
export async function waitForEnd(child: ChildProcess): Promise<number | null> {
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of END_SIGNALS) process.on(signal, pass);
  try {
    return await new Promise((resolve) => child.once('exit', resolve));
  } finally {
    for (const signal of END_SIGNALS) process.off(signal, pass);
  }
}

/**
 * Runs twilio-run to its end with the operator's terminal, and with these variables in a file that is removed
 * afterwards. Resolves to its exit code.
 */
export async function runTwilioRun(args: string[], variables: Record<string, string>): Promise<number> {
  const env = writeEnvFile(variables);
  try {
    return (await waitForEnd(spawnTwilioRun([...args, '--env', env.file], 'inherit'))) ?? 1;
  } finally {
    env.remove();
  }
}

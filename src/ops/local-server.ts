import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatorError } from '../errors';

/** Runs a file of Node's with the given arguments of `twilio-run start`, on loopback only. */
export function spawnTwilioRun(args: string[], stdio: 'inherit' | 'pipe'): ChildProcess {
  const twilioRun = require.resolve('twilio-run/bin/twilio-run.js');
  const preload = join(__dirname, 'loopback-only.js');
  return spawn(process.execPath, ['--require', preload, twilioRun, 'start', ...args], {
    stdio: [stdio === 'inherit' ? 'inherit' : 'ignore', stdio, stdio],
  });
}

/** Writes variables to an `.env` file of their own; `remove` deletes it. */
export function writeEnvFile(variables: Record<string, string>): { file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'fikiri-'));
  const file = join(folder, '.env');
  const lines = Object.entries(variables).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface LocalServer {
  origin: string;
  /** What twilio-run and the Functions printed so far. */
  lines: string[];
}

/**
 * Starts the real local runtime on a free port, and adds what ends it to `closers`. Throws OperatorError with its
 * output if it does not come up.
 */
export async function startLocalServer(
  variables: Record<string, string>,
  closers: (() => void)[],
): Promise<LocalServer> {
  const port = await findFreePort();
  const env = writeEnvFile(variables);
  const child = spawnTwilioRun(['--port', String(port), '--env', env.file, '--no-live'], 'pipe');
  closers.push(env.remove, () => child.kill());

  const origin = `http://localhost:${port}`;
  const server: LocalServer = { origin, lines: [''] };
  const isUp = await new Promise<boolean>((resolve) => {
    const read = (chunk: string) => {
      server.lines = (server.lines.join('\n') + chunk).split('\n');
      if (server.lines.includes(`${origin}/voice`)) resolve(true);
    };
    child.stdout?.setEncoding('utf8').on('data', read);
    child.stderr?.setEncoding('utf8').on('data', read);
    child.once('exit', () => resolve(false));
  });
  if (!isUp) throw new OperatorError(`twilio-run did not start. It said:\n${server.lines.join('\n').trim()}`);
  return server;
}

function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

import { OperatorError } from '../errors';
import { findFreePort } from './ports';
import { writeEnvFile } from './settings';
import { spawnTwilioRun } from './twilio-run';

/** It takes about a second. */
const START_TIMEOUT_MS = 20_000;

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
  const child = spawnTwilioRun(['start', '--port', String(port), '--env', env.file, '--no-live'], 'pipe');
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
    // Where another program took the port meanwhile, twilio-run asks for one and waits for ever.
    setTimeout(() => resolve(false), START_TIMEOUT_MS).unref();
  });
  if (!isUp) throw new OperatorError(`twilio-run did not start. It said:\n${server.lines.join('\n').trim()}`);
  return server;
}

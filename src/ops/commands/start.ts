import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Fikiri, parseFikiri } from '../../config';
import { ConfigurationError, OperatorError, UsageError } from '../../errors';
import { probePort } from '../probe-port';
import { ENV_FILE, readEnvFile, writeEnvFile } from '../settings';
import { STAND_IN_ACCOUNT, startStandInBackend } from '../stand-in-backend';
import { print, printNote } from '../terminal';
import { spawnTwilioRun, waitForEnd } from '../twilio-run';

/** `npm start`: rebuilds on change and serves with twilio-run, which gets all arguments. Resolves to the exit code. */
export async function start(args: string[]): Promise<number> {
  const port = parsePort(args);
  await verifyPortIsFree(port);
  const closers: (() => void)[] = [];
  const twilioRunArgs = ['start', ...args];

  if (existsSync(ENV_FILE)) {
    const { messageWebhook } = parseEnvFile();
    print(`Texts are delivered to ${messageWebhook.origin} (FIKIRI_BASE_URL in ${ENV_FILE}).`);
    if (messageWebhook.protocol === 'https:') printNote('it is no stand-in, and takes your texts for real.');
  } else {
    const backend = await startStandInBackend(({ form, status }) => {
      print(`Stand-in Fikiri got "${form['Body']}" and answered ${status}`);
    });
    const env = writeEnvFile({ ...STAND_IN_ACCOUNT, FIKIRI_BASE_URL: backend.origin });
    closers.push(backend.close, env.remove);
    twilioRunArgs.push('--env', env.file);
    print(`No ${ENV_FILE}: texts are delivered to a stand-in Fikiri at ${backend.origin}.`);
    if (args.some((arg) => arg.startsWith('--ngrok'))) {
      print(`Twilio's own texts will be refused: the Auth Token that signs them belongs in ${ENV_FILE}.`);
    }
  }
  const where = port === 3000 ? '' : ` --url http://localhost:${port}`;
  print(`Send a text from another terminal: npm run simulate -- sms "hello"${where}\n`);

  const builder = spawn(process.execPath, ['build.mjs', '--watch'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const server = spawnTwilioRun(twilioRunArgs, 'inherit');
  closers.push(() => builder.kill());
  const code = await waitForEnd(server);
  for (const close of closers) close();
  return code ?? 0;
}

/** Throws ConfigurationError. */
function parseEnvFile(): Fikiri {
  try {
    return parseFikiri(readEnvFile());
  } catch (error) {
    const { message } = error as ConfigurationError;
    throw new ConfigurationError(`${message} Or remove ${ENV_FILE}: then a stand-in Fikiri takes the texts.`);
  }
}

/** The port that twilio-run will listen on. Throws UsageError. */
function parsePort(args: string[]): number {
  const options = { port: { type: 'string', short: 'p' } } as const;
  const { values } = parseArgs({ args, options, strict: false });
  const value = String(values.port ?? 3000);
  if (/^\d+$/.test(value) && Number(value) < 65536) return Number(value);
  throw new UsageError(`--port "${value}" is not a port. Give a number, e.g. npm start -- --port 3001`);
}

/** Throws OperatorError where something listens already: twilio-run would ask for another port, terminal or not. */
async function verifyPortIsFree(port: number): Promise<void> {
  if ((await probePort(port)) !== 'EADDRINUSE') return;
  throw new OperatorError(
    `Port ${port} is in use, perhaps by another npm start. End it, or take another port: npm start -- --port ${port + 1}`,
  );
}

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type Fikiri, parseFikiri } from '../../config';
import { ConfigurationError, OperatorError, UsageError } from '../../errors';
import { probePort } from '../ports';
import { ENV_FILE, readEnvFile, writeEnvFile } from '../settings';
import { STAND_IN_ACCOUNT, startStandInBackend } from '../stand-in-backend';
import { print, printNote } from '../terminal';
import { spawnTwilioRun, waitForEnd } from '../twilio-run';
import { verifyNotTaken } from '../usage';

const USAGE = 'npm start -- [--port …] [--ngrok] [--env …]';

/** `npm start`: rebuilds on change and serves with twilio-run, which gets all arguments. Resolves to the exit code. */
export async function start(args: string[]): Promise<number> {
  const { port, envFile } = parseStartArgs(args);
  await verifyPortIsFree(port);
  const closers: (() => void)[] = [];
  const twilioRunArgs = ['start', ...args];

  if (existsSync(envFile)) {
    const { messageWebhook } = parseEnvFile(envFile);
    print(`Texts are delivered to ${messageWebhook.origin} (FIKIRI_BASE_URL in ${envFile}).`);
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
function parseEnvFile(file: string): Fikiri {
  const variables = readEnvFile(file);
  try {
    return parseFikiri(variables);
  } catch (error) {
    const { message } = error as ConfigurationError;
    throw new ConfigurationError(`${message} Or remove ${file}: then a stand-in Fikiri takes the texts.`);
  }
}

/** The port that twilio-run will listen on, and the file it will read. Throws UsageError. */
function parseStartArgs(args: string[]): { port: number; envFile: string } {
  const options = { port: { type: 'string', short: 'p' }, env: { type: 'string' } } as const;
  verifyNotTaken([...Object.keys(options), 'ngrok'], args, USAGE);
  const { values } = parseArgs({ args, options, strict: false });
  if (args[0] && !args[0].startsWith('-')) {
    throw new UsageError(`"${args[0]}" is not an option. Usage: ${USAGE}`);
  }
  const port = String(values.port ?? 3000);
  const envFile = typeof values.env === 'string' ? values.env : ENV_FILE;
  if (envFile !== ENV_FILE && !existsSync(envFile)) {
    throw new UsageError(`--env "${envFile}" is not there. Give a file, e.g. npm start -- --env ${ENV_FILE}`);
  }
  if (/^\d+$/.test(port) && Number(port) < 65536) return { port: Number(port), envFile };
  throw new UsageError(`--port "${port}" is not a port. Give a number, e.g. npm start -- --port 3001`);
}

/** Throws OperatorError where something listens already: twilio-run would ask for another port, terminal or not. */
async function verifyPortIsFree(port: number): Promise<void> {
  if ((await probePort(port)) !== 'EADDRINUSE') return;
  throw new OperatorError(
    `Port ${port} is in use, perhaps by another npm start. End it, or take another port: npm start -- --port ${port + 1}`,
  );
}

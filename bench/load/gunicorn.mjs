import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const certificates = fileURLToPath(new URL('../../test/support/certificates/', import.meta.url));

/** Starts the contract backend with two workers under gunicorn. Connections idle for a second are closed. */
export async function startGunicorn(authToken) {
  const port = await unusedPort();
  const folder = mkdtempSync(join(tmpdir(), 'load-received-'));
  const words = ['--workers', 2, '--worker-class', 'gthread', '--threads', 16, '--keep-alive', 1];
  const options = ['--bind', `127.0.0.1:${port}`, '--log-level', 'error', '--chdir', here];
  const tls = ['--certfile', `${certificates}server.pem`, '--keyfile', `${certificates}server-key.pem`];
  const child = spawn('/usr/bin/gunicorn', [...words, ...options, ...tls, 'wsgi'], {
    env: { ...process.env, TWILIO_AUTH_TOKEN: authToken, RECEIVED: folder, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const exited = once(child, 'exit');
  await takesConnections(port, child);
  return {
    url: `https://127.0.0.1:${port}`,
    /** New workers in the place of the old ones, which finish what they have begun: a deploy. */
    restartWorkers: () => child.kill('SIGHUP'),
    /** Ends a worker in the middle of what it does: a crash. gunicorn starts another. */
    killWorker: () => process.kill(workersOf(child.pid)[0], 'SIGKILL'),
    /** Each text the workers have received, in no order. */
    async *received() {
      for (const file of readdirSync(folder)) {
        for await (const line of createInterface({ input: createReadStream(join(folder, file)) })) {
          yield JSON.parse(line);
        }
      }
    },
    /** Each text that is still being read is finished first. */
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
    removeReceived: () => rmSync(folder, { recursive: true }),
  };
}

async function takesConnections(port, child) {
  for (let turn = 0; turn < 100 && child.exitCode === null; turn += 1) {
    const socket = createConnection(port, '127.0.0.1');
    const isTaken = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isTaken && workersOf(child.pid).length === 2) return;
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error('gunicorn did not start. Install gunicorn, python3-flask and python3-twilio.');
}

function workersOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
}

async function unusedPort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

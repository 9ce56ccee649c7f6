import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

const processes: ChildProcess[] = [];
const servers: Server[] = [];
const sockets: Socket[] = [];

/** A host whose TCP connects but whose TLS handshake never ends; calls back at each connection. */
export async function startMuteTlsHost(onConnection: () => void): Promise<string> {
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    // The client's first bytes are its hello: by then its timers run.
    socket.once('data', onConnection);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const LISTEN_AND_NEVER_ACCEPT = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** A host that takes no more connections: its queue is full, so that it leaves a new one without an answer. */
export async function startFullHost(): Promise<string> {
  const listener = spawn(process.execPath, ['-e', LISTEN_AND_NEVER_ACCEPT], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  processes.push(listener);
  const [port] = await once(listener.stdout, 'data');
  const queued = Array.from({ length: 8 }, () => createConnection(Number(port), '127.0.0.1'));
  sockets.push(...queued.map((socket) => socket.on('error', () => {})));
  await once(queued[0] as Socket, 'connect');
  return `http://127.0.0.1:${port}`;
}

/** Ends what the two above started. */
export function closeSilentHosts(): void {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  for (const process of processes.splice(0)) process.kill('SIGKILL');
}

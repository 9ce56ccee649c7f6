import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';

/** What becomes of a connection: the client's end of it, and a way to a backend's port. */
export type ConnectionFault = (client: Socket, connect: (port?: number) => Socket) => void;

/** How a connection breaks off. */
export type BreakOff = (client: Socket) => void;

export const resetConnection: BreakOff = (client) => client.resetAndDestroy();
export const closeConnection: BreakOff = (client) => client.end();
export const fallSilent: BreakOff = () => {};

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** A port in front of a backend. */
export interface Front {
  port: number;
  /** Closes the connections that a fault has struck. */
  dropStruck(): void;
}

/** Starts a front. Each connection meets the fault that `nextFault` names, or gets through. */
export async function startFront(
  backendPort: number,
  nextFault: () => ConnectionFault | undefined,
): Promise<Front> {
  const struck: Socket[] = [];
  const server = createServer((client) => {
    keep(client);
    const fault = nextFault();
    if (fault) struck.push(client);
    const meet = fault ?? passThrough;
    meet(client, (port = backendPort) => keep(createConnection(port, '127.0.0.1')));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    dropStruck: () => {
      for (const client of struck.splice(0)) client.destroy();
    },
  };
}

/** Ends every front with its connections. */
export async function closeFronts(): Promise<void> {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
}

export const passThrough: ConnectionFault = (client, connect) => {
  const backend = connect();
  forward(client, backend);
  forward(backend, client);
};

/** Breaks off before a byte is read. */
export const breakAtOnce =
  (breakOff: BreakOff): ConnectionFault =>
  (client) =>
    breakOff(client);

/** Breaks off once this many bytes have come from the client; no more of them get through. */
export const breakInRequest =
  (bytes: number, breakOff: BreakOff): ConnectionFault =>
  (client, connect) => {
    const backend = connect();
    forward(backend, client);
    forward(client, backend, bytes, () => breakOff(client));
  };

/** Breaks off once this many bytes have gone to the client. */
export const breakInAnswer =
  (bytes: number, breakOff: BreakOff): ConnectionFault =>
  (client, connect) => {
    const backend = connect();
    forward(client, backend);
    forward(backend, client, bytes, () => breakOff(client));
  };

/** Lets the answer through a few bytes at a time. */
export const dripAnswer =
  (bytes: number, everyMs: number): ConnectionFault =>
  (client, connect) => {
    const backend = connect();
    forward(client, backend);
    let waiting = Buffer.alloc(0);
    const timer = setInterval(() => {
      client.write(waiting.subarray(0, bytes));
      waiting = waiting.subarray(bytes);
    }, everyMs);
    backend.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk]);
    });
    client.on('close', () => clearInterval(timer));
  };

/** Leads to another backend, one with another certificate. */
export const leadTo =
  (port: number): ConnectionFault =>
  (client, connect) =>
    passThrough(client, () => connect(port));

/** Answers in some other protocol. */
export const speak =
  (bytes: string | Buffer): ConnectionFault =>
  (client) =>
    client.end(bytes);

function keep(socket: Socket): Socket {
  sockets.add(socket);
  return socket.on('error', () => {}).on('close', () => sockets.delete(socket));
}

/** Copies bytes until one side closes, or until so many are through. */
function forward(from: Socket, to: Socket, bytes = Number.POSITIVE_INFINITY, then = () => {}): void {
  let left = bytes;
  from.on('data', (chunk: Buffer) => {
    if (left <= 0) return;
    to.write(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) then();
  });
  from.on('end', () => left > 0 && to.end());
  from.on('close', () => left > 0 && to.destroy());
}

import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';

/** A request as it arrived, byte for byte. */
export interface ReceivedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  /** The connection it came on, counted from 1. */
  connection: number;
}

/** One request to the backend: what arrived, and the means to answer. */
export interface Exchange {
  received: ReceivedRequest;
  response: ServerResponse;
  socket: Socket;
}

/** What the backend does with a request once it has read it. */
export type Behaviour = (exchange: Exchange) => void;

export interface Backend {
  url: string;
  port: number;
  received: ReceivedRequest[];
  /** Each connection, the first one first. */
  sockets: Socket[];
}

const started: Server[] = [];

/** Starts a server that meets request 1 with the first behaviour, and so on; the last one repeats. */
export async function startBackend(...behaviours: Behaviour[]): Promise<Backend> {
  return listen(createHttpServer(), 'http', behaviours);
}

/** The same over TLS, with this certificate and key. */
export async function startTlsBackend(
  tls: SecureContextOptions,
  ...behaviours: Behaviour[]
): Promise<Backend> {
  return listen(createHttpsServer(tls), 'https', behaviours);
}

/** Ends every server that a test started, with its connections. */
export async function closeBackends(): Promise<void> {
  for (const server of started.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function listen(server: Server, scheme: string, behaviours: Behaviour[]): Promise<Backend> {
  const backend: Backend = { url: '', port: 0, received: [], sockets: [] };
  server.keepAliveTimeout = 60_000;
  server.on(scheme === 'https' ? 'secureConnection' : 'connection', (socket: Socket) => {
    socket.on('error', () => {});
    backend.sockets.push(socket);
  });
  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    const received = await read(request, backend.sockets.indexOf(request.socket) + 1);
    if (!request.complete) return; // Cut off within its body.
    backend.received.push(received);
    const behaviour = behaviours[backend.received.length - 1] ?? behaviours.at(-1) ?? answer(200);
    behaviour({ received, response, socket: request.socket });
  });
  started.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  backend.port = (server.address() as AddressInfo).port;
  backend.url = `${scheme}://127.0.0.1:${backend.port}`;
  return backend;
}

async function read(request: IncomingMessage, connection: number): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  request.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
  await new Promise((resolve) => request.once('end', resolve).once('close', resolve));
  const { method = '', url: path = '' } = request;
  const headers = request.headers as Record<string, string>;
  return { method, path, headers, body: Buffer.concat(chunks).toString('latin1'), connection };
}

/** Answers in full. */
export function answer(status: number, headers: Record<string, string> = {}, body = ''): Behaviour {
  return ({ response }) => response.writeHead(status, headers).end(body);
}

export function answerXml(body: string | Buffer, type = 'text/xml'): Behaviour {
  return ({ response }) => response.writeHead(200, { 'Content-Type': type }).end(body);
}

/** Never answers. */
export const hang: Behaviour = () => {};

/** Closes the connection at once, without an answer, as a process does that is killed. */
export const reset: Behaviour = ({ socket }) => socket.resetAndDestroy();

/** Closes the connection in order, without an answer. */
export const closeUnanswered: Behaviour = ({ socket }) => socket.end();

/** Writes these bytes in place of an answer, then does no more. */
export function writeRaw(text: string): Behaviour {
  return ({ socket }) => socket.write(text);
}

/** Writes these bytes, then closes the connection. */
export function writeRawAndClose(text: string): Behaviour {
  return ({ socket }) => socket.end(text);
}

/** Writes these bytes over and over until the other side closes. Calls `closed` with the bytes written. */
export function flood(head: string, chunk: string, closed: (bytes: number) => void = () => {}): Behaviour {
  return ({ socket }) => {
    let bytes = 0;
    const pour = () => {
      while (!socket.destroyed && bytes < 64e6) {
        bytes += chunk.length;
        if (!socket.write(chunk)) return;
      }
    };
    socket.on('drain', pour).once('close', () => closed(bytes));
    socket.write(head);
    pour();
  };
}

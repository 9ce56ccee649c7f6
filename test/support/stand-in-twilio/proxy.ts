import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { type HttpAnswer, type HttpRequest, NoAnswer } from './request';

const CERTIFICATES = resolve(__dirname, '../certificates');

/** The CA that signed the stand-in's certificate: what NODE_EXTRA_CA_CERTS must name. */
export const caFile = join(CERTIFICATES, 'ca.pem');

export interface Proxy {
  url: string;
  close(): Promise<void>;
}

/**
 * An HTTP proxy that is Twilio: a CONNECT to *.twilio.com or *.twil.io ends here, in TLS, and is answered by
 * `handle`. Hosts of `routes` and
 * loopback are tunnelled to a port of this machine; any other host is refused with 502.
 */
export async function startProxy(
  handle: (request: HttpRequest) => Promise<HttpAnswer>,
  routes: Record<string, number>,
  recordRefusal: (host: string) => void,
): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  };

  const twilio = createTlsServer(
    {
      key: readFileSync(join(CERTIFICATES, 'server-key.pem')),
      cert: readFileSync(join(CERTIFICATES, 'server.pem')),
    },
    (incoming, response) => answer(incoming, response, handle),
  );

  const proxy = createServer((incoming, response) => {
    recordRefusal(incoming.headers.host ?? '');
    response.writeHead(502).end('This proxy only does CONNECT');
  });
  proxy.on('connection', track);
  proxy.on('connect', ({ url = '' }: IncomingMessage, socket: Socket, head: Buffer) => {
    const [host = '', asked] = url.split(':');
    const isTwilio = /\.(twilio\.com|twil\.io)$/.test(host);
    const port = routes[host] ?? (/^(localhost|127\.0\.0\.1)$/.test(host) ? Number(asked) : undefined);
    if (!isTwilio && port === undefined) {
      recordRefusal(host);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    if (isTwilio) {
      twilio.emit('connection', socket);
      return;
    }
    const tunnel = connect(port ?? 0, '127.0.0.1');
    track(tunnel);
    tunnel.once('close', () => socket.destroy());
    socket.once('close', () => tunnel.destroy());
    tunnel.pipe(socket).pipe(tunnel);
  });

  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => proxy.close(done));
    },
  };
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  handle: (request: HttpRequest) => Promise<HttpAnswer>,
): Promise<void> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
    const { status, ...answered } = await handle({
      method: incoming.method ?? '',
      url: `https://${incoming.headers.host}${incoming.url}`,
      headers: Object.fromEntries(headers) as Record<string, string>,
      body: Buffer.concat(chunks),
    });
    response.writeHead(status, answered.headers).end(answered.body);
  } catch (error) {
    // A request that hangs is ended by its sender, or when the stand-in closes.
    if (!(error instanceof NoAnswer && error.kind === 'hang')) incoming.socket.destroy();
  }
}

import { createServer } from 'node:net';

/** Why nothing can listen on this port of loopback, such as `EADDRINUSE`; undefined where something can. */
export function probePort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer().once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}

/** A port below those that systems give to outgoing connections, one of which could take it meanwhile. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (!(await probePort(port))) return port;
  }
}

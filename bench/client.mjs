import { fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const nowhere = openSync('/dev/null', 'w');
const certificates = new URL('../test/support/certificates/', import.meta.url);

/** Starts a file in a fresh process that trusts the test CA, with Fikiri at this URL; it prints to nowhere. */
export function startClient(file, fikiriBaseUrl, ...words) {
  const client = fork(fileURLToPath(new URL(file, import.meta.url)), words, {
    stdio: ['ignore', nowhere, 'inherit', 'ipc'],
    env: {
      ...process.env,
      FIKIRI_BASE_URL: fikiriBaseUrl,
      NODE_EXTRA_CA_CERTS: fileURLToPath(new URL('ca.pem', certificates)),
    },
  });
  return client.once('exit', (code) => {
    if (code !== 0) throw new Error(`${file} ${words.join(' ')} ended with ${code}.`);
  });
}

/** The next figures that a client sends. */
export async function figuresOf(client) {
  const [figures] = await once(client, 'message');
  return figures;
}

/** Starts a client that sends its figures once, and ends. */
export async function runClient(...client) {
  const running = startClient(...client);
  const figures = await figuresOf(running);
  running.disconnect();
  return figures;
}

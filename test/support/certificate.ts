import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SecureContextOptions } from 'node:tls';

const FOLDER = resolve('test/support/certificates');

/** What a process must have in NODE_EXTRA_CA_CERTS to trust the certificates here. */
export const CA_FILE = `${FOLDER}/ca.pem`;

/** A certificate for localhost and its key; one that has expired; one for another host. */
export function certificate(name: 'server' | 'expired' | 'wrong-host'): SecureContextOptions {
  return { cert: readFileSync(`${FOLDER}/${name}.pem`), key: readFileSync(`${FOLDER}/${name}-key.pem`) };
}

import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Variables } from '../config';

export const ENV_FILE = '.env';

/** The variables `.env` sets in this folder, without the empty ones. */
export function readEnvFile(): Record<string, string> {
  if (!existsSync(ENV_FILE)) return {};
  const variables = Object.entries(parseEnv(readFileSync(ENV_FILE, 'utf8')));
  return Object.fromEntries(variables.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** The variables of `.env`; the environment fills in those that it does not set. */
export function readVariables(): Variables {
  return { ...process.env, ...readEnvFile() };
}

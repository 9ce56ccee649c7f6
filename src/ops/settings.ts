import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parseBaseUrl, parsePhoneNumbers, type Variables } from '../config';

export const ENV_FILE = '.env';

/** The variables that `.env` in this folder sets, or another file; without the empty ones. */
export function readEnvFile(file = ENV_FILE): Record<string, string> {
  if (!existsSync(file)) return {};
  const variables = Object.entries(parseEnv(readFileSync(file, 'utf8')));
  return Object.fromEntries(variables.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** The variables of `.env`; the environment fills in those that it does not set. */
export function readVariables(): Variables {
  return { ...process.env, ...readEnvFile() };
}

/**
 * What the Functions are deployed with: all that `.env` sets but the credentials, with our own checked and complete.
 * Throws ConfigurationError.
 */
export function readFunctionVariables(variables: Variables): Record<string, string> {
  const { ACCOUNT_SID: _, AUTH_TOKEN: __, ...fromFile } = readEnvFile();
  return {
    ...fromFile,
    FIKIRI_BASE_URL: parseBaseUrl(variables['FIKIRI_BASE_URL']),
    PHONE_NUMBER: parsePhoneNumbers(variables).join(','),
  };
}

/** Writes variables to a file of their own, for twilio-run's --env; `remove` deletes it. */
export function writeEnvFile(variables: Record<string, string>): { file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'fikiri-'));
  const file = join(folder, ENV_FILE);
  const lines = Object.entries(variables).map(([key, value]) => `${key}=${quoteValue(value)}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function quoteValue(value: string): string {
  return /^[\w.:/+,@-]*$/.test(value) ? value : `'${value}'`;
}

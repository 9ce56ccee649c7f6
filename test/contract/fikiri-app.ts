import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { AUTH_TOKEN } from '../support/inbound-forms';

/** A form as it arrived at the Flask app. */
export interface ReceivedForm {
  form: Record<string, string[]>;
  key: string | null;
  accepted: boolean;
}

/** A Python that has Flask and twilio-python, if there is one: python3, else Debian's own. */
export const python = ['python3', '/usr/bin/python3'].find(
  (command) => spawnSync(command, ['-c', 'import flask, twilio']).status === 0,
);

let app: ChildProcess | undefined;

/** Starts test/contract/app.py; its URL. */
export async function startFikiriApp(): Promise<string> {
  app = spawn(python ?? 'python3', ['test/contract/app.py'], {
    env: { ...process.env, TWILIO_AUTH_TOKEN: AUTH_TOKEN },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = await once(app.stdout as NonNullable<typeof app.stdout>, 'data');
  return `http://127.0.0.1:${Number(port)}`;
}

export async function readReceived(url: string): Promise<ReceivedForm[]> {
  return (await (await fetch(`${url}/received`)).json()) as ReceivedForm[];
}

export function stopFikiriApp(): void {
  app?.kill();
}

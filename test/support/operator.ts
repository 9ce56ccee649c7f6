import { readFileSync } from 'node:fs';
import type { Operator } from '../../src/ops/operator';
import type { DeployedProject, StandInTwilio } from './stand-in-twilio';

/** A command's surroundings on the stand-in Twilio, with a clock that a sleep moves on. */
export function openTestOperator(
  twilio: StandInTwilio,
  variables: Record<string, string> = {},
): Operator & { slept: number[] } {
  const slept: number[] = [];
  let now = Date.now();
  return {
    variables: { FIKIRI_BASE_URL: 'https://api.fikiri.example', PHONE_NUMBER: '+18553894992', ...variables },
    accountSid: twilio.accountSid,
    authToken: twilio.authToken,
    client: twilio.client(),
    http: twilio.httpClient() as Operator['http'],
    now: () => new Date(now),
    sleep: async (ms) => {
      slept.push(ms);
      now += ms;
    },
    slept,
  };
}

/** Puts the built Functions and the assets online, as `npm run deploy` does. */
export function deployBuilt(twilio: StandInTwilio, variables: Record<string, string> = {}): DeployedProject {
  const functionCode = (name: string) => ({
    code: readFileSync(`dist/functions/${name}.protected.js`, 'utf8'),
  });
  const asset = (name: string) => ({ content: readFileSync(`src/assets/${name}`, 'utf8') });
  return twilio.deployProject({
    functions: { '/sms': functionCode('sms'), '/voice': functionCode('voice') },
    assets: {
      '/sms-unavailable.xml': asset('sms-unavailable.xml'),
      '/voice-unavailable.xml': asset('voice-unavailable.xml'),
    },
    variables: { FIKIRI_BASE_URL: 'https://api.fikiri.example', PHONE_NUMBER: '+18553894992', ...variables },
    runtime: 'node22',
  });
}

/** What the commands print while `run` is under way, colours left out. */
export async function captureOutput(run: () => Promise<unknown>): Promise<string> {
  const log = jest.spyOn(console, 'log').mockImplementation(() => {});
  try {
    await run();
    return log.mock.calls.map((args) => args.join(' ')).join('\n');
  } finally {
    log.mockRestore();
  }
}

import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { RequestClient } from 'twilio';
import { parsePhoneNumbers } from '../../config';
import { UsageError } from '../../errors';
import { EXAMPLE_SENDER, makeCallForm, makeMessageForm } from '../inbound-form';
import { postWebhook } from '../post-webhook';
import { ENV_FILE, readVariables } from '../settings';
import { STAND_IN_ACCOUNT } from '../stand-in-backend';
import { layOut, print } from '../terminal';

export const SIMULATE_OPTIONS = {
  url: { type: 'string', default: 'http://localhost:3000', does: 'where the Functions are' },
} as const;

const USAGE =
  'Say what to send, a text in quotes: npm run simulate -- sms "hello" [--url …], or npm run simulate -- call';

/** `npm run simulate`: sends one text or call to a Function as Twilio would. Resolves to the exit code. */
export async function simulate(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: SIMULATE_OPTIONS, allowPositionals: true });
  const [kind, body, ...rest] = positionals;
  const isMessage = kind === 'sms' && body !== undefined;
  if (!(isMessage || (kind === 'call' && body === undefined)) || rest.length > 0) throw new UsageError(USAGE);

  // Without .env, npm start serves with the stand-in's account, whatever the environment has.
  const variables = existsSync(ENV_FILE) ? { ...STAND_IN_ACCOUNT, ...readVariables() } : STAND_IN_ACCOUNT;
  const [to = ''] = parsePhoneNumbers(variables);
  const parties = { accountSid: String(variables.ACCOUNT_SID), from: EXAMPLE_SENDER, to };
  const form = isMessage ? makeMessageForm(parties, body) : makeCallForm(parties);
  const url = completeUrl(values.url, isMessage ? '/sms' : '/voice');

  print(`POST ${url}  ${form['MessageSid'] ?? form['CallSid']}, signed`);
  const answer = await postWebhook(new RequestClient(), url, form, String(variables.AUTH_TOKEN));
  print(`${answer.status}  ${answer.body}`);
  if (answer.status === 403) {
    print(
      layOut('It has another AUTH_TOKEN than .env here. Where you changed .env, start it again: npm start'),
    );
  }
  return answer.status === 200 ? 0 : 1;
}

/** The Function's URL: the given one as it is, or the Function's path on it where it has none. */
function completeUrl(value: string, path: string): string {
  if (!/^https?:/.test(value) || !URL.canParse(value)) {
    throw new UsageError(
      `--url "${value}" is not a URL. Give one like http://localhost:3000 or https://example.ngrok.app/sms`,
    );
  }
  return new URL(value).pathname === '/' ? new URL(path, value).href : value;
}

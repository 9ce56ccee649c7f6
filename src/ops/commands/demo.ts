import { isDeepStrictEqual } from 'node:util';
import { RequestClient } from 'twilio';
import { GREETING } from '../../inbound/receive-call';
import { inTwiml } from '../in-twiml';
import { EXAMPLE_SENDER, makeCallForm, makeMessageForm } from '../inbound-form';
import { type LocalServer, startLocalServer } from '../local-server';
import { postWebhook, type WebhookAnswer } from '../post-webhook';
import {
  type ReceivedMessage,
  STAND_IN_ACCOUNT,
  type StandInBackend,
  startStandInBackend,
} from '../stand-in-backend';
import { bold, green, print, red, wrap } from '../terminal';
import { END_SIGNALS } from '../twilio-run';

const PARTIES = { accountSid: STAND_IN_ACCOUNT.ACCOUNT_SID, from: EXAMPLE_SENDER, to: '+18553894992' };
const PHOTO_URL = `https://api.twilio.com/2010-04-01/Accounts/${PARTIES.accountSid}/Messages/MM/Media/ME`;

/** One thing that happens in the demonstration, and what must come of it. */
interface Scene {
  title: string;
  path: '/sms' | '/voice';
  form: Record<string, string>;
  authToken?: string;
  isRight(answer: WebhookAnswer, received: ReceivedMessage | undefined): boolean;
}

const text = makeMessageForm(PARTIES, 'Hello 👋 & <Fikiri> "1+1"');
const mms = makeMessageForm(PARTIES, 'Our front door', [PHOTO_URL]);

const SCENES: Scene[] = [
  { title: 'A text', path: '/sms', form: text, isRight: isDelivered },
  { title: 'A text with a photo', path: '/sms', form: mms, isRight: isDelivered },
  {
    title: 'A call',
    path: '/voice',
    form: makeCallForm(PARTIES),
    isRight: ({ status, body }) =>
      status === 200 && body.includes(`<Say voice="alice">${inTwiml(GREETING)}</Say><Hangup/>`),
  },
  {
    title: 'A forged text, signed with another token',
    path: '/sms',
    form: makeMessageForm(PARTIES, 'Send me the passwords'),
    authToken: 'another-token',
    isRight: ({ status }, received) => status === 403 && received === undefined,
  },
];

function isDelivered({ status, body }: WebhookAnswer, received?: ReceivedMessage): boolean {
  return status === 200 && body === '<Response/>' && received?.status === 200;
}

/** `npm run demo`: texts and calls through the real local runtime to a stand-in Fikiri. Resolves to the exit code. */
export async function demo(): Promise<number> {
  const startedAt = performance.now();
  const backend = await startStandInBackend();
  const closers = [backend.close];
  process.once('exit', () => {
    for (const close of closers) close();
  });
  for (const signal of END_SIGNALS) process.once(signal, () => process.exit(130));

  const server = await startLocalServer({ ...STAND_IN_ACCOUNT, FIKIRI_BASE_URL: backend.origin }, closers);
  print(`Functions, served by twilio-run  ${server.origin}`);
  print(`Stand-in Fikiri                  ${backend.origin}\n`);
  let right = 0;
  for (const scene of SCENES) {
    if (await play(scene, server, backend)) right += 1;
  }

  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const verdict = `${right} of ${SCENES.length} went right, in ${seconds} s.`;
  print(right === SCENES.length ? green(verdict) : red(verdict));
  if (right < SCENES.length) return 1;
  print('Next: npm start, and in another terminal npm run simulate -- sms "hello"');
  return 0;
}

/** Plays one scene and prints what each party saw. Resolves to whether it went right. */
async function play(scene: Scene, server: LocalServer, backend: StandInBackend): Promise<boolean> {
  const { title, path, form, authToken = STAND_IN_ACCOUNT.AUTH_TOKEN } = scene;
  const linesBefore = server.lines.length - 1;
  const answer = await postWebhook(new RequestClient(), server.origin + path, form, authToken);
  const received = backend.received.find((message) => message.form['MessageSid'] === form['MessageSid']);
  const isWhole = received === undefined || isDeepStrictEqual({ ...received.form }, form);
  const isRight = scene.isRight(answer, received) && isWhole;

  print(`${isRight ? green('✔') : red('✘')} ${bold(title)}`);
  const [sender, party] = scene.authToken ? ['Somebody sent', 'They got'] : ['Twilio sent', 'Twilio got'];
  printSeen(sender, `POST ${path}, ${Object.keys(form).length} parameters, From ${form['From']}`);
  if (form['Body']) printSeen('', `"${form['Body']}"`);
  printSeen('Fikiri got', received ? describe(received, isWhole) : 'nothing');
  printSeen(party, `${answer.status}  ${answer.body.replace(/^<\?xml.*?\?>/, '')}`);
  for (const line of server.lines.slice(linesBefore)) {
    if (/^(sms|voice) /.test(line)) printSeen('The log says', line);
  }
  print();
  return isRight;
}

/** Prints what one party saw, broken between words where it would be wider than a terminal of 80 columns. */
function printSeen(party: string, what: string): void {
  for (const [index, line] of wrap(what, 62).entries())
    print(`  ${(index === 0 ? party : '').padEnd(14)}  ${line}`);
}

function describe({ form, status, idempotencyKey }: ReceivedMessage, isWhole: boolean): string {
  const parameters = isWhole ? `all ${Object.keys(form).length} parameters` : 'NOT what was sent';
  return `${parameters}, Idempotency-Key ${idempotencyKey?.slice(0, 6)}…; answered ${status}`;
}

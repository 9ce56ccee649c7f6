// npm run bench:load: the built /sms against Fikiri's own stack (the contract backend under gunicorn, over TLS).
// Every text must arrive, unaltered, and the heap must not grow: it ends with 1 otherwise. Needs gunicorn,
// python3-flask and python3-twilio.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { median, percentile } from '../statistics.mjs';
import { startGunicorn } from './gunicorn.mjs';

const require = createRequire(import.meta.url);
require('../twilio-global.cjs');
const { hostedContext } = require('../inbound-text.cjs');
const { isUnaltered, numberOf } = require('./texts.cjs');

const LONGEST_RUN_MS = 240_000;
/** What the heap may grow by from the first quarter to the end: less than 100 bytes a text. */
const HEAP_GROWTH_BYTES = 1.5e6;
/** LOAD=3 for three times as many texts of each kind. */
const TIMES = Number(process.env.LOAD ?? 1);
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

const LOADS = [
  { name: 'steady', texts: 22_000, warmUp: 2000 },
  {
    name: 'workers replaced each 2.5 s (SIGHUP)',
    texts: 4000,
    everyMs: 2500,
    disturb: (backend) => backend.restartWorkers(),
  },
  {
    name: 'a worker killed each 0.7 s (SIGKILL)',
    texts: 2000,
    everyMs: 700,
    disturb: (backend) => backend.killWorker(),
  },
  { name: 'bursts, idle as long as kept', texts: 900, pauseMs: 1000 },
];

const rows = [];
const memory = [];
for (const load of LOADS) {
  const figures = await run(load);
  rows.push([
    load.name,
    figures.sent,
    figures.perSecond.toFixed(0),
    median(figures.taken).toFixed(1),
    percentile(figures.taken, 99).toFixed(1),
    Math.max(...figures.taken).toFixed(0),
    figures.retried,
    figures.failed.length,
    figures.lost,
    figures.altered,
    figures.twice,
  ]);
  for (const { texts, heapUsed, external, rss, sockets } of figures.held) {
    memory.push([load.name, texts, megabytes(heapUsed), megabytes(external), megabytes(rss), sockets]);
  }
  const [, afterFirstQuarter, ...later] = figures.held;
  if (later.at(-1).heapUsed > afterFirstQuarter.heapUsed + HEAP_GROWTH_BYTES) process.exitCode = 1;
  if (figures.failed.length + figures.lost + figures.altered > 0) process.exitCode = 1;
}
printTable(
  [
    '30 at a time',
    'texts',
    'a second',
    'median ms',
    'p99 ms',
    'longest ms',
    'retried',
    'refused',
    'lost',
    'altered',
    'twice',
  ],
  rows,
);
printTable(['After a collection', 'texts so far', 'heap MB', 'external MB', 'RSS MB', 'sockets'], memory);

async function run({ texts: one, warmUp = 0, pauseMs = 0, everyMs, disturb }) {
  const texts = one * TIMES;
  const backend = await startGunicorn(hostedContext('').AUTH_TOKEN);
  const instance = fork(here('instance.cjs'), [0, texts, 30, pauseMs, warmUp].map(String), {
    execArgv: ['--expose-gc'],
    env: {
      ...process.env,
      FIKIRI_BASE_URL: backend.url,
      NODE_EXTRA_CA_CERTS: here('../../test/support/certificates/ca.pem'),
    },
  });
  const tooLong = setTimeout(() => instance.kill('SIGKILL'), LONGEST_RUN_MS);
  const disturbing = disturb && setInterval(() => disturb(backend), everyMs);
  try {
    const ended = once(instance, 'exit').then(([code]) => {
      throw new Error(`The instance ended with ${code} before it sent its figures.`);
    });
    const [figures] = await Promise.race([once(instance, 'message'), ended]);
    clearInterval(disturbing);
    await backend.stop();
    return { ...figures, ...(await check(backend, texts, figures.failed)), sent: texts };
  } finally {
    clearTimeout(tooLong);
    clearInterval(disturbing);
    instance.kill(); // It has ended by itself, unless something went wrong.
    await backend.stop();
    backend.removeReceived();
  }
}

/** How many of the texts that Twilio was told 200 for are not there; are not as they were sent; are there again. */
async function check(backend, texts, failed) {
  const times = new Uint8Array(texts);
  let altered = 0;
  for await (const text of backend.received()) {
    const number = numberOf(text.form.MessageSid[0]);
    times[number] += 1;
    if (!isUnaltered(number, text)) altered += 1;
  }
  const isLost = (count, number) => count === 0 && !failed.includes(number);
  return { lost: times.filter(isLost).length, altered, twice: times.filter((count) => count > 1).length };
}

function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}

function printTable(header, rows) {
  const all = [header, header.map((_, column) => (column === 0 ? '---' : '---:')), ...rows];
  console.log(`\n${all.map((row) => `| ${row.join(' | ')} |`).join('\n')}`);
}

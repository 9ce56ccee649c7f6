// An instance under load, in a process of its own: the built /sms delivers the texts from FIRST to LAST, so many at
// a time, with a pause after each so many ("0": no pause). Sends what it answered, and what it holds at each quarter.
const { readdirSync, readlinkSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
require('../twilio-global.cjs');
const { hostedContext } = require('../inbound-text.cjs');
const { textOf } = require('./texts.cjs');
const { handler } = require('../../dist/functions/sms.protected.js');

const [first, last, atATime, pauseMs, warmUp] = process.argv.slice(2).map(Number);
const context = hostedContext(process.env.FIKIRI_BASE_URL);
const taken = new Float64Array(last - first);
let retried = 0;
const failed = [];
console.log = () => {};
console.warn = () => {
  retried += 1;
};
console.error = (line) => {
  if (failed.length < 3) process.stderr.write(`${line}\n`);
};

async function deliver(number) {
  const startedAt = performance.now();
  const answer = await new Promise((resolve, reject) => {
    const event = { request: { headers: {}, cookies: {} }, ...textOf(number) };
    handler(context, event, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
  taken[number - first] = performance.now() - startedAt;
  if (answer.statusCode !== 200) failed.push(number);
}

async function deliverAll(from, to) {
  let next = from;
  const deliverInTurn = async () => {
    while (next < to) {
      next += 1;
      await deliver(next - 1);
    }
  };
  await Promise.all(Array.from({ length: atATime }, deliverInTurn));
}

/** The same, a burst at a time; in between the connections are idle for about as long as gunicorn keeps them. */
async function deliverInBursts(from, to) {
  for (let next = from; next < to; next += atATime) {
    await Promise.all(
      Array.from({ length: Math.min(atATime, to - next) }, (_, index) => deliver(next + index)),
    );
    await sleep(pauseMs * (0.9 + 0.2 * Math.random()));
  }
}

const countSockets = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
const socketsBefore = countSockets();

async function measure(texts) {
  await sleep(50);
  for (let turn = 0; turn < 4; turn += 1) globalThis.gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { texts, heapUsed, external, rss, sockets: countSockets() - socketsBefore };
}

async function run() {
  const deliverThem = pauseMs > 0 ? deliverInBursts : deliverAll;
  await deliverThem(first, first + warmUp);
  const held = [await measure(warmUp)];
  let loadMs = 0;
  for (let quarter = 0; quarter < 4; quarter += 1) {
    const at = (share) => first + warmUp + Math.round(((last - first - warmUp) * share) / 4);
    const startedAt = performance.now();
    await deliverThem(at(quarter), at(quarter + 1));
    loadMs += performance.now() - startedAt;
    held.push(await measure(at(quarter + 1) - first));
  }
  process.send({
    taken: [...taken.subarray(warmUp)],
    perSecond: (taken.length - warmUp) / (loadMs / 1000),
    retried,
    failed,
    held,
  });
}

run();

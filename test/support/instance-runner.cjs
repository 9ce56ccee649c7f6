// Runs one built Function as an instance of Twilio's does, for many invocations at once: started with fork(), in argv
// its file, the runtime's Response and how many times as fast its time is to run. Every timer and clock it has is
// sped up alike, so that each of its limits keeps its proportion to the others. Sends each line it prints, and each
// answer. Whatever it does not catch ends the process, as it would end the instance.
const timers = require('node:timers/promises');
const Module = require('node:module');

const [, , functionFile, responseFile, speed] = process.argv;
globalThis.Twilio = {
  ...Module.createRequire(functionFile)('twilio'),
  Response: require(responseFile).Response,
};

const { setTimeout: startTimer } = globalThis;
const { setTimeout: sleep } = timers;
const now = performance.now.bind(performance);
globalThis.setTimeout = (callback, ms, ...args) => startTimer(callback, ms / speed, ...args);
timers.setTimeout = (ms, ...args) => sleep(ms / speed, ...args);
performance.now = () => now() * speed;

const { handler } = require(functionFile);

for (const level of ['log', 'info', 'warn', 'error']) {
  console[level] = (...words) => process.send({ line: { level, line: words.join(' ') } });
}

process.on('message', async ({ invocation, context, event }) => {
  if (invocation === undefined) {
    if (event === 'let go') process.disconnect();
    else process.send({ resources: process.getActiveResourcesInfo() });
    return;
  }
  const startedAt = now();
  await handler(context, { request: { headers: {}, cookies: {} }, ...event }, (error, answer) => {
    const { statusCode: status, headers, body } = answer ?? {};
    process.send({ invocation, answer: { error, status, headers, body, ms: now() - startedAt } });
  });
});
process.send('ready');

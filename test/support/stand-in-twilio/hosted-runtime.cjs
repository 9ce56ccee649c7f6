// The child process that runs the Functions of one build, as Twilio's hosted runtime does. Its folder holds the
// uploaded code; it is told by messages what to run, and tells what was printed and answered.
const { AsyncLocalStorage } = require('node:async_hooks');
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { format } = require('node:util');

const { folder, privateAssets } = JSON.parse(process.argv[2]);
const requireHere = createRequire(join(folder, 'index.js'));
const twilio = requireHere('twilio');
// The runtime handler exports no path to its Response: it is loaded by its file name.
const { Response } = require(
  join(folder, 'node_modules/@twilio/runtime-handler/dist/dev-runtime/internal/response.js'),
);

global.Twilio = { ...twilio, Response };
global.Response = Response;
global.Runtime = {
  getFunctions: () => ({}),
  getAssets: () =>
    Object.fromEntries(
      privateAssets.map(({ path, file }) => [path, { path: file, open: () => readFileSync(file, 'utf8') }]),
    ),
};

// Which invocation printed a line: several can run at once.
const invocation = new AsyncLocalStorage();
const levels = { debug: 'INFO', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };
for (const [method, level] of Object.entries(levels)) {
  console[method] = (...values) =>
    process.send({ id: invocation.getStore(), line: { level, message: format(...values) } });
}

process.on('disconnect', () => process.exit());
process.on('uncaughtException', (error) => {
  process.send({ crash: String(error?.stack ?? error) }, () => process.exit(1));
});

process.on('message', ({ id, file, context, event }) => {
  invocation.run(id, async () => {
    const callback = (error, payload) =>
      process.send(error ? { id, answer: fail(error) } : { id, answer: answer(payload) });
    try {
      const { handler } = requireHere(file);
      const getTwilioClient = (options) => twilio(context.ACCOUNT_SID, context.AUTH_TOKEN, options);
      await handler({ ...context, getTwilioClient }, event, callback);
    } catch (error) {
      callback(error ?? new Error('The Function failed without an error'));
    }
  });
});

function answer(payload) {
  if (typeof payload === 'string') return { status: 200, type: 'text/plain', body: payload };
  const { VoiceResponse, MessagingResponse } = twilio.twiml;
  if (payload instanceof VoiceResponse || payload instanceof MessagingResponse) {
    return { status: 200, type: 'text/xml', body: payload.toString() };
  }
  if (!(payload instanceof Response)) {
    return { status: 200, type: 'application/json', body: JSON.stringify(payload ?? null) };
  }
  const { statusCode, body, headers } = payload.serialize();
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return { status: statusCode, type: type ?? 'application/octet-stream', body: String(body ?? '') };
}

function fail(error) {
  if (!(error instanceof Error)) return { status: 500, type: 'text/plain', body: String(error) };
  const { message, name, stack } = error;
  return { status: 500, type: 'application/json', body: JSON.stringify({ message, name, stack }) };
}

// Runs one built Function in a process of its own, as Twilio's runtime does: started with fork(), its file in argv;
// each message is an invocation, each answer what the Function answered and printed. Plain CommonJS, so that any
// Node can run it.
const Module = require('node:module');

const [, , functionFile, responseFile] = process.argv;
const requireBeside = Module.createRequire(functionFile);

globalThis.Twilio = { ...requireBeside('twilio'), Response: require(responseFile).Response };

// Every module that the Function's own file asks for.
const required = [];
const load = Module._load;
Module._load = (request, parent, isMain) => {
  if (parent?.filename === functionFile) required.push(request);
  return load(request, parent, isMain);
};

const { handler } = require(functionFile);

process.on('message', async ({ context, form, headers }) => {
  const log = [];
  const original = { ...console };
  for (const level of ['log', 'info', 'warn', 'error']) {
    console[level] = (...words) => log.push({ level, line: words.join(' ') });
  }
  const calls = [];
  await handler(context, { request: { headers, cookies: {} }, ...form }, (...call) => calls.push(call));
  Object.assign(console, original);
  const [[error, answer] = []] = calls;
  const { statusCode: status, headers: answerHeaders, body } = answer ?? {};
  process.send({ calls: calls.length, error, status, headers: answerHeaders, body, log, required });
});
process.send('ready');

// The far end, in a process of its own: Fikiri over TLS in each of its moods. Sends the URL of each to its parent.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';

const certificates = new URL('../test/support/certificates/', import.meta.url);
const tls = {
  cert: readFileSync(new URL('server.pem', certificates)),
  key: readFileSync(new URL('server-key.pem', certificates)),
};

const withStatus = (status) => (request, response) => {
  request
    .on('end', () => response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8' }).end())
    .resume();
};

const servers = {
  delivers: createServer(tls, withStatus(200)),
  'answers 403': createServer(tls, withStatus(403)),
  'answers 503': createServer(tls, withStatus(503)),
  'takes the text and hangs': createServer(tls, (request) => request.resume()),
  'hangs before TLS': createTcpServer(() => {}),
  'refuses connections': createTcpServer(),
};

const urls = {};
for (const [mood, server] of Object.entries(servers)) {
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  urls[mood] = `https://127.0.0.1:${server.address().port}`;
}
servers['refuses connections'].close();
process.send(urls);
process.on('disconnect', () => process.exit());

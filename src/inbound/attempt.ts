import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** A form, ready to be posted any number of times. */
export interface SignedRequest {
  url: URL;
  /** Names and values in turn, Host among them: for Node, half the work of an object. */
  headers: string[];
  body: string;
}

/** Why an attempt brought no answer. */
export type Breakage = 'refused' | 'dns' | 'unreachable' | 'connect_timeout' | 'tls' | 'reset' | 'timeout';

/** What one attempt came to: Fikiri's answer, or the reason there is none. */
export type AttemptResult = Answer | { answered: false; reason: Breakage; staleConnection: boolean };

interface Answer {
  answered: true;
  status: number;
  retryAfter: string | undefined;
  twiml: string | undefined;
}

/** Twilio's limit for TwiML, 64 kB. https://www.twilio.com/docs/api/errors/11750 */
const MAX_TWIML_BYTES = 64 * 1024;

/** Twilio would meet TwiML that is not closed with alert 12100 and the fallback, though the text has arrived. */
const CLOSED_RESPONSE = /<Response\b[^<>]*\/>|<\/Response\s*>/;

// A warm instance reuses its TLS connection; the certificate is verified whatever the environment says.
const httpsAgent = new HttpsAgent({ keepAlive: true, rejectUnauthorized: true });
const httpAgent = new HttpAgent({ keepAlive: true });

/**
 * A connection idle for longer is not used again. Between invocations the instance is frozen, and a connection that
 * died meanwhile may swallow a text without a word until the budget is spent. Most servers close after 5 s.
 */
const MAX_IDLE_MS = 4000;
let lastUsedAt = 0;

/** Posts once. Resolves when the answer, or the lack of one, is certain; never rejects. */
export function attempt(
  { url, headers, body }: SignedRequest,
  connectTimeoutMs: number,
  timeoutMs: number,
): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const isHttps = url.protocol === 'https:';
    const agent = isHttps ? httpsAgent : httpAgent;
    if (Date.now() - lastUsedAt > MAX_IDLE_MS) dropIdleConnections(agent);
    const request = (isHttps ? httpsRequest : httpRequest)({
      hostname: url.hostname.replace(/^\[|\]$/g, ''), // [::1] is written ::1 here.
      port: url.port,
      path: url.pathname,
      method: 'POST',
      agent,
      headers,
    });
    let connected = false;
    let answer: Answer | undefined;

    const breakOff = (reason: Breakage) => {
      resolve(answer ?? { answered: false, reason, staleConnection: request.reusedSocket });
      request.destroy();
    };
    const deadline = setTimeout(() => breakOff(connected ? 'timeout' : 'connect_timeout'), timeoutMs);
    let connectDeadline: NodeJS.Timeout | undefined;

    request.once('socket', (socket) => {
      connected = request.reusedSocket;
      if (connected) return;
      connectDeadline = setTimeout(() => breakOff('connect_timeout'), connectTimeoutMs);
      socket.once(isHttps ? 'secureConnect' : 'connect', () => {
        connected = true;
        clearTimeout(connectDeadline);
      });
    });
    request.once('response', (response) => {
      const { statusCode: status = 0, headers: answerHeaders } = response;
      answer = { answered: true, status, retryAfter: answerHeaders['retry-after'], twiml: undefined };
      readTwiml(response, (twiml) => resolve({ ...(answer as Answer), twiml }));
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (request.reusedSocket) dropIdleConnections(agent);
      breakOff(connected ? 'reset' : classifyConnectError(error));
    });
    // The deadline outlives the answer, so that a body that never ends does not hold its connection for ever.
    request.once('close', () => {
      lastUsedAt = Date.now();
      clearTimeout(deadline);
      clearTimeout(connectDeadline);
      if (!answer) breakOff('reset');
    });
    request.end(body, 'latin1');
  });
}

/**
 * Calls back with Fikiri's TwiML once it is whole; for any other body at once, with undefined. Other bodies are
 * drained to free the connection for the next text. A 2xx has delivered the text, however its body ends.
 */
function readTwiml(response: IncomingMessage, callback: (twiml?: string) => void): void {
  const { statusCode = 0, headers } = response;
  const isXml = statusCode < 300 && /^(text|application)\/xml\b/i.test(headers['content-type'] ?? '');
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_TWIML_BYTES) response.destroy();
    else if (isXml) chunks.push(chunk);
  });
  response.on('error', () => {}); // Cut off: response.complete says so.
  if (!isXml) callback();
  else
    response.once('close', () => {
      const xml = Buffer.concat(chunks).toString();
      const isWhole = response.complete && size <= MAX_TWIML_BYTES && CLOSED_RESPONSE.test(xml);
      callback(isWhole ? xml : undefined);
    });
}

function classifyConnectError({ code = '', syscall }: NodeJS.ErrnoException): Breakage {
  if (syscall === 'getaddrinfo') return 'dns';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'reset';
  if (/^E(HOSTUNREACH|NETUNREACH|ADDRNOTAVAIL|TIMEDOUT)$/.test(code)) return 'unreachable';
  return 'tls';
}

/** One stale connection means that all idle ones are: the instance was frozen, or Fikiri restarted. */
function dropIdleConnections(agent: HttpAgent): void {
  for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
}

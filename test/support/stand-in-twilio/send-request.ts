import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type HttpAnswer, type HttpRequest, NoAnswer } from './request';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Why there was no answer, in the words of Twilio's connection overrides: no connection, or no answer on it. */
export interface SendFailure {
  failure: 'ct' | 'rt';
  error: string;
}

export interface SendOptions {
  /** Ports on 127.0.0.1 that stand for hosts of the internet. */
  routes: Record<string, number>;
  /** The test CA, in PEM. */
  ca: string;
  connectTimeoutMs: number;
  readTimeoutMs: number;
}

/** Sends a real request, to this machine only: another host than a routed or a loopback one is not found. */
export function sendRequest(request: HttpRequest, options: SendOptions): Promise<HttpAnswer | SendFailure> {
  const url = new URL(request.url);
  const routed = options.routes[url.hostname];
  if (routed === undefined && !LOOPBACK.test(url.hostname)) {
    return Promise.resolve({ failure: 'ct', error: `getaddrinfo ENOTFOUND ${url.hostname}` });
  }
  const isTls = url.protocol === 'https:';
  return new Promise((settle) => {
    let isConnected = false;
    const outgoing = (isTls ? httpsRequest : httpRequest)({
      method: request.method,
      host: routed === undefined ? url.hostname.replace(/[[\]]/g, '') : '127.0.0.1',
      port: routed ?? (url.port || (isTls ? 443 : 80)),
      path: url.pathname + url.search,
      headers: { ...request.headers, host: url.host, 'content-length': request.body.length },
      agent: false,
      ...(isTls ? { ca: options.ca } : {}),
      ...(routed === undefined ? {} : { servername: url.hostname }),
    });
    const fail = (error: string) => {
      clearTimeout(timer);
      outgoing.destroy();
      settle({ failure: isConnected ? 'rt' : 'ct', error });
    };
    let timer = setTimeout(() => fail('No connection in time'), options.connectTimeoutMs);
    outgoing.on('socket', (socket) => {
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        isConnected = true;
        clearTimeout(timer);
        timer = setTimeout(() => fail('No answer in time'), options.readTimeoutMs);
      });
    });
    outgoing.on('error', (error) => fail(error.message));
    outgoing.on('response', async (response) => {
      try {
        const answer = await readAnswer(response);
        clearTimeout(timer);
        settle(answer);
      } catch (error) {
        fail(String(error));
      }
    });
    outgoing.end(request.body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(chunks),
  };
}

/** An answer, or the failure that there was none in time. */
export async function answerInTime(
  answer: Promise<HttpAnswer>,
  timeoutMs: number,
): Promise<HttpAnswer | SendFailure> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<SendFailure>((settle) => {
    timer = setTimeout(() => settle({ failure: 'rt', error: 'No answer in time' }), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } catch (error) {
    if (error instanceof NoAnswer) return { failure: 'rt', error: error.message };
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

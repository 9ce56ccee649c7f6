import type { Socket } from 'node:net';
import { validateRequest } from 'twilio';
import { MESSAGE_WEBHOOK_PATH as PATH } from '../../src/config';
import type { Behaviour } from './backend';
import { AUTH_TOKEN } from './inbound-forms';

/** When a backend that had read a text whole, with a valid signature, had written a 2xx status line, and the head. */
export interface Acceptance {
  statusLineAt?: number;
  headAt?: number;
}

/** By MessageSid. */
export const acceptances = new Map<string, Acceptance>();

/** MessageSids of texts that arrived with a signature, or a key, that is not theirs. */
export const altered: string[] = [];

/** Keeps record of the texts that a behaviour accepts: of what it writes, whatever it means to. */
export function watched(behaviour: Behaviour): Behaviour {
  return (exchange) => {
    const form = Object.fromEntries(new URLSearchParams(exchange.received.body));
    const { 'x-twilio-signature': signature = '', host } = exchange.received.headers;
    const isSigned = ['http', 'https'].some((scheme) =>
      validateRequest(AUTH_TOKEN, signature, `${scheme}://${host}${PATH}`, form),
    );
    const sid = form['MessageSid'] ?? '';
    if (!isSigned || exchange.received.headers['idempotency-key'] !== sid) altered.push(sid);
    else watchWrites(exchange.socket, sid);
    behaviour(exchange);
  };
}

/** What has been written of the answer to each connection's latest text, without its 1xx. */
const writing = new WeakMap<Socket, { sid: string; sent: string }>();

function watchWrites(socket: Socket, sid: string): void {
  if (writing.has(socket)) {
    writing.set(socket, { sid, sent: '' });
    return;
  }
  writing.set(socket, { sid, sent: '' });
  for (const method of ['write', 'end'] as const) {
    const original = socket[method].bind(socket) as (...args: unknown[]) => never;
    socket[method] = (...args: unknown[]) => {
      const [chunk] = args;
      if (typeof chunk === 'string' || Buffer.isBuffer(chunk)) note(socket, chunk.toString('latin1'));
      return original(...args);
    };
  }
}

function note(socket: Socket, written: string): void {
  const state = writing.get(socket);
  if (!state || state.sent.length > 100_000) return;
  state.sent = (state.sent + written).replace(/^(HTTP\/1\.1 10[023] [^\r]*\r\n(.+\r\n)*\r\n)+/, '');
  const acceptance = acceptances.get(state.sid) ?? {};
  if (/^HTTP\/1\.[01] 2\d\d( [^\r\n]*)?\r\n/.test(state.sent)) {
    acceptance.statusLineAt ??= performance.now();
    if (state.sent.includes('\r\n\r\n')) acceptance.headAt ??= performance.now();
  }
  acceptances.set(state.sid, acceptance);
}

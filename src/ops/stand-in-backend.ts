import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ParsedUrlQuery, parse } from 'node:querystring';
import { validateRequest } from 'twilio';
import { HEALTH_PATH, MESSAGE_WEBHOOK_PATH } from '../config';

/** The made-up account that texts are signed with where there is no `.env`. */
export const STAND_IN_ACCOUNT = {
  ACCOUNT_SID: `AC${'0123456789abcdef'.repeat(2)}`,
  AUTH_TOKEN: 'fedcba9876543210'.repeat(2),
};

/** What the stand-in received, and how it answered. */
export interface ReceivedMessage {
  form: ParsedUrlQuery;
  idempotencyKey: string | undefined;
  status: number;
}

export interface StandInBackend {
  origin: string;
  received: ReceivedMessage[];
  close(): void;
}

/**
 * A stand-in for Fikiri on loopback. Its message webhook answers as Fikiri's does: 403 to a bad signature, else 200
 * and an empty page. It has no voice webhook, no rate limit and no memory beyond `received`.
 */
export async function startStandInBackend(
  onReceived?: (message: ReceivedMessage) => void,
  authToken: string = STAND_IN_ACCOUNT.AUTH_TOKEN,
): Promise<StandInBackend> {
  const received: ReceivedMessage[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    if (request.url !== MESSAGE_WEBHOOK_PATH || request.method !== 'POST') {
      response.writeHead(request.url === HEALTH_PATH ? 200 : 404).end();
      return;
    }
    const form = parse(body);
    const signature = String(request.headers['x-twilio-signature']);
    const isValid = validateRequest(authToken, signature, origin + MESSAGE_WEBHOOK_PATH, form);
    const message = {
      form,
      idempotencyKey: request.headers['idempotency-key']?.toString(),
      status: isValid ? 200 : 403,
    };
    received.push(message);
    onReceived?.(message);
    response
      .writeHead(message.status, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': 0 })
      .end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { origin, received, close };
}

import { type InboundEvent, parseForm } from './parse-inbound';

/** What the runtime tells a Function of itself; the variables of `.env` stand beside it. */
export interface FunctionContext {
  DOMAIN_NAME?: string;
  PATH?: string;
  AUTH_TOKEN?: string;
}

/**
 * Whether the request must be refused: it reached the Function elsewhere than on Twilio, and is not signed for
 * this URL. On `*.twil.io` the gateway has checked the signature; the local server checks none, and behind a
 * tunnel the Function would sign forged texts for Fikiri with the real token.
 */
export function isForged(context: FunctionContext, event: InboundEvent): boolean {
  if (context.DOMAIN_NAME?.endsWith('.twil.io') || !context.AUTH_TOKEN) return false;
  const headers = parseHeaders(event);
  const signature = headers['x-twilio-signature'];
  const host = headers['host'] ?? context.DOMAIN_NAME;
  // A header that was given twice is an array.
  if (typeof signature !== 'string' || typeof host !== 'string') return true;
  const form = parseForm(event);
  const { AUTH_TOKEN: authToken, PATH: path = '' } = context;
  // The runtime hides X-Forwarded-Proto, so the scheme Twilio signed is not known: https behind a tunnel.
  return !['https', 'http'].some((scheme) =>
    isSigned(authToken, signature, `${scheme}://${host}${path}`, form),
  );
}

function isSigned(authToken: string, signature: string, url: string, form: object): boolean {
  return (
    URL.canParse(url) && Twilio.validateRequest(authToken, signature, url, form as Record<string, string>)
  );
}

function parseHeaders(event: InboundEvent): Record<string, unknown> {
  const { request } = event as { request?: { headers?: Record<string, unknown> } };
  return request?.headers ?? {};
}

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
  const { DOMAIN_NAME: domain, AUTH_TOKEN: authToken } = context;
  if (domain?.endsWith('.twil.io') || !authToken) return false;
  const headers = event.request?.headers ?? {};
  const signature = headers['x-twilio-signature'];
  const host = headers['host'] ?? domain;
  // A header that was given twice is an array.
  if (typeof signature !== 'string' || typeof host !== 'string') return true;
  const form = parseForm(event) as Record<string, string>;
  // The runtime hides X-Forwarded-Proto, so the scheme Twilio signed is not known: https behind a tunnel.
  return !['https', 'http'].some((scheme) => {
    const url = `${scheme}://${host}${context.PATH}`;
    return URL.canParse(url) && Twilio.validateRequest(authToken, signature, url, form);
  });
}

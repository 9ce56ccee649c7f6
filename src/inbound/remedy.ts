import type { Breakage } from './attempt';

/** What to do about each reason of a failed delivery, in one sentence. docs/support.md has a row for each. */
export const REMEDIES: Record<Breakage | `status_${403 | 404 | 429 | '3xx' | '4xx' | '5xx'}`, string> = {
  refused: 'Fikiri refuses connections: start its backend, or correct FIKIRI_BASE_URL',
  dns: "FIKIRI_BASE_URL's host has no address: check its spelling and Fikiri's DNS",
  unreachable: "No route to Fikiri's host: check that it is up and FIKIRI_BASE_URL is right",
  connect_timeout: "Fikiri's host does not take connections: check that it is up",
  tls: "Fikiri's TLS certificate is not valid for FIKIRI_BASE_URL: renew it or correct the host",
  reset: "Fikiri closed the connection without an answer: read Fikiri's log",
  timeout: "Fikiri gave no answer in time and may have the text: read Fikiri's log",
  status_403: "Fikiri refused the signature: its TWILIO_AUTH_TOKEN is not this account's",
  status_404: 'Fikiri has no Twilio webhook at FIKIRI_BASE_URL: correct the host',
  status_429: "Fikiri limits its requests: raise the limit for Twilio's webhooks",
  status_3xx: 'Fikiri redirects: set FIKIRI_BASE_URL to the host it redirects to',
  status_4xx: "Fikiri refused the text: read Fikiri's log",
  status_5xx: "Fikiri failed: read Fikiri's log",
};

/** The remedy of a reason such as `dns` or `status_503`. */
export function remedyFor(reason: string): string {
  const remedies: Record<string, string> = REMEDIES;
  return remedies[reason] ?? remedies[reason.replace(/\d\d$/, 'xx')] ?? REMEDIES.status_5xx;
}

const REMEDIES: Record<string, string> = {
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
};

/** What to do about a failed delivery's reason, in one sentence for its log line. */
export function remedyFor(reason: string): string {
  if (REMEDIES[reason]) return REMEDIES[reason];
  if (reason.startsWith('status_3'))
    return 'Fikiri redirects: set FIKIRI_BASE_URL to the host it redirects to';
  if (reason.startsWith('status_5')) return "Fikiri failed: read Fikiri's log";
  return "Fikiri refused the text: read Fikiri's log";
}

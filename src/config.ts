import { ConfigurationError } from './errors';

export const MESSAGE_WEBHOOK_PATH = '/api/webhooks/twilio/sms';
export const VOICE_WEBHOOK_PATH = '/api/webhooks/twilio/voice';
export const HEALTH_PATH = '/api/health/live';

const EXAMPLE = 'Give scheme and host only, e.g. https://api.fikirisolutions.com';
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Variables as `.env` or Twilio's context holds them. */
export type Variables = Record<string, unknown>;

/** Where inbound messages are delivered, and the token that signs them. */
export interface Fikiri {
  messageWebhook: URL;
  authToken: string;
}

// A warm instance has the same value for every text; to parse it each time would be 4 % of a delivery.
let parsed: { baseUrl: unknown; messageWebhook: URL } | undefined;

/** Reads what a delivery needs. Throws ConfigurationError that names the variable and the remedy. */
export function parseFikiri(variables: Variables): Fikiri {
  const baseUrl = variables['FIKIRI_BASE_URL'];
  if (!parsed || parsed.baseUrl !== baseUrl) {
    parsed = { baseUrl, messageWebhook: new URL(MESSAGE_WEBHOOK_PATH, parseBaseUrl(baseUrl)) };
  }
  return { messageWebhook: parsed.messageWebhook, authToken: parseAuthToken(variables['AUTH_TOKEN']) };
}

/** Reads the Twilio account the commands work on. Throws ConfigurationError. */
export function parseAccount(variables: Variables): { accountSid: string; authToken: string } {
  const accountSid = String(variables['ACCOUNT_SID'] ?? '');
  if (!/^AC[0-9a-f]{32}$/.test(accountSid)) {
    const fact = accountSid === '' ? 'is not set' : 'is not AC and 32 hexadecimal digits';
    throw new ConfigurationError(
      `ACCOUNT_SID ${fact}. Copy .env.example to .env, and fill it in from https://console.twilio.com (Account Info).`,
    );
  }
  return { accountSid, authToken: parseAuthToken(variables['AUTH_TOKEN']) };
}

/** The numbers to attach: E.164, comma between. Fikiri's own where PHONE_NUMBER is not set. */
export function parsePhoneNumbers(variables: Variables): string[] {
  const numbers = String(variables['PHONE_NUMBER'] || '+18553894992').split(',');
  return numbers.map((number) => {
    if (/^\+[1-9]\d{6,14}$/.test(number.trim())) return number.trim();
    throw new ConfigurationError(
      `PHONE_NUMBER has "${number.trim()}" in it, which is not E.164. Write +18553894992, comma between several.`,
    );
  });
}

/** The origin FIKIRI_BASE_URL names. Throws ConfigurationError with one message for each kind of mistake. */
export function parseBaseUrl(value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new ConfigurationError(`FIKIRI_BASE_URL is not set. ${EXAMPLE} (.env.example).`);
  }
  // Credentials first, however the URL is written: every later message quotes the value. No origin has an @.
  if (value.includes('@')) {
    throw new ConfigurationError(`FIKIRI_BASE_URL has a user name or password in it. ${EXAMPLE}.`);
  }
  const quoted = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  const refusal = (fault: string, remedy = EXAMPLE) =>
    new ConfigurationError(`FIKIRI_BASE_URL is "${quoted}": ${fault}. ${remedy}.`);
  if (!URL.canParse(value)) throw refusal('not a URL');

  const url = new URL(value);
  const isHttp = url.protocol === 'http:';
  if (!isHttp && url.protocol !== 'https:') throw refusal('its scheme is not https');
  if (isHttp && !LOOPBACK.test(url.hostname)) {
    throw refusal('http would send texts in the clear', `Use https://${url.host}`);
  }
  if (url.pathname !== '/') throw refusal('it has a path');
  if (value.includes('?')) throw refusal('it has a query');
  if (value.includes('#')) throw refusal('it has a fragment');
  return url.origin;
}

function parseAuthToken(value: unknown): string {
  // Only presence is checked: a Function that knew the token's form would lose every text the day it changes.
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new ConfigurationError(
    'AUTH_TOKEN is not set. Locally: copy it from the Twilio Console to .env. Hosted: tick "Add my Twilio Credentials" in the service\'s settings.',
  );
}

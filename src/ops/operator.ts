import { setTimeout as sleep } from 'node:timers/promises';
import { RequestClient, Twilio } from 'twilio';
import { parseAccount, type Variables } from '../config';
import type { Http } from './post-webhook';
import { readVariables } from './settings';

/** What a command works with: the account, the ways to reach it, and the time. Tests pass their own. */
export interface Operator {
  variables: Variables;
  accountSid: string;
  authToken: string;
  /** Twilio's APIs. */
  client: Twilio;
  /** Webhooks: the deployed Functions and Fikiri. Honours HTTP_PROXY, as the client does. */
  http: Http;
  now(): Date;
  sleep(ms: number): Promise<unknown>;
}

/** Reads `.env` and the environment. Throws ConfigurationError. */
export function openOperator(): Operator {
  const variables = readVariables();
  const account = parseAccount(variables);
  // Twilio answers 429 when it is asked too fast; the SDK waits and asks again.
  const client = new Twilio(account.accountSid, account.authToken, { autoRetry: true, maxRetries: 5 });
  return {
    variables,
    ...account,
    client,
    http: new RequestClient(),
    now: () => new Date(),
    sleep,
  };
}

// A Twilio account in memory. It answers the operations of openapi.json, refuses what Twilio's OpenAPI does not
// know, runs deployed Functions, and sends texts and calls to webhooks as Twilio does. What it does not do:
// - deliver a reply, or anything else that TwiML asks for; the TwiML is not even parsed
// - limit the rate of requests, except 30 concurrent invocations of a build; limit the size of what is sent
// - regions and edges, subaccounts, API keys, OAuth
// - follow a redirect of a webhook, or send status callbacks
// - TwiML applications, SIP trunks, studio flows: what goes there is answered by nobody
// - operations that the commands of this project do not call (404)
import { readFileSync } from 'node:fs';
import twilio from 'twilio';
import {
  Account,
  type Alert,
  type Given,
  type Log,
  type Message,
  type MessagingService,
  type PhoneNumber,
  type Resource,
  type ServerlessState,
} from './account';
import { addAlert } from './alerts';
import { ApiError, answerApi, answerError } from './api';
import { type DeployedProject, deployProject, type Project } from './deploy-project';
import { type Failure, Failures } from './failures';
import { Gateway } from './gateway';
import { handlers } from './handlers';
import { createHttpClient, type SdkHttpClient } from './http-client';
import type { InboundResult } from './inbound';
import { type InboundCall, receiveCall } from './inbound-call';
import { type InboundText, receiveText } from './inbound-text';
import { addMessage } from './messages';
import { addMessagingService, addTollfreeVerification } from './messaging';
import { addNumber } from './phone-numbers';
import { caFile, startProxy } from './proxy';
import { type HttpAnswer, type HttpRequest, type JournalEntry, toJournalEntry } from './request';
import { answerInTime, sendRequest } from './send-request';
import { addLog } from './serverless';
import type { Exchange } from './webhook';

export type * from './account';
export type { DeployedProject, Project } from './deploy-project';
export type { Failure } from './failures';
export type { SdkHttpClient } from './http-client';
export type { InboundResult } from './inbound';
export type { InboundCall } from './inbound-call';
export type { InboundText } from './inbound-text';
export type { HttpAnswer, HttpRequest, JournalEntry } from './request';
export type { WebhookAttempt } from './webhook';

export interface StandInOptions {
  /** Ports on 127.0.0.1 that stand for hosts of the internet, for the proxy and for webhooks. */
  routes?: Record<string, number>;
  now?: () => Date;
  /** What an invocation may take (10 s), and a webhook with its retries (15 s). */
  functionTimeoutMs?: number;
  webhookTimeoutMs?: number;
}

export interface StandInTwilio {
  accountSid: string;
  authToken: string;
  /** What a command needs in its environment to reach the stand-in instead of Twilio. */
  env: { HTTP_PROXY: string; NODE_EXTRA_CA_CERTS: string };
  caFile: string;
  /** For unit tests: what the SDK takes as `httpClient`. No network, except to hosts of `routes` and loopback. */
  httpClient(): SdkHttpClient;
  client(): twilio.Twilio;
  handle(request: HttpRequest): Promise<HttpAnswer>;

  requests: JournalEntry[];
  /** The journal's requests to Twilio's API that are not GET. */
  writes(): JournalEntry[];
  /** Answers the requests that match with a failure, the next `times` of them (default: all). */
  fail(matches: (request: JournalEntry) => boolean, failure: Failure, times?: number): void;

  numbers: PhoneNumber[];
  messagingServices: MessagingService[];
  tollfreeVerifications: Resource[];
  alerts: Alert[];
  messages: Message[];
  serverless: ServerlessState;
  addNumber(properties: Given<PhoneNumber>): PhoneNumber;
  addMessagingService(properties: Given<MessagingService>, phoneNumberSids: string[]): MessagingService;
  addTollfreeVerification(properties: Given<Resource>): Resource;
  addAlert(properties: Given<Alert>): Alert;
  addMessage(properties: Given<Message>): Message;
  addLog(properties: Given<Log>): Log;
  deployProject(project: Project): DeployedProject;

  text(text: InboundText): Promise<InboundResult & { messageSid: string }>;
  call(call: InboundCall): Promise<InboundResult & { callSid: string }>;
  close(): Promise<void>;
}

export async function startStandInTwilio(options: StandInOptions = {}): Promise<StandInTwilio> {
  const {
    routes = {},
    now = () => new Date(),
    functionTimeoutMs = 10_000,
    webhookTimeoutMs = 15_000,
  } = options;
  const account = new Account(now);
  const gateway = new Gateway(account, { timeoutMs: functionTimeoutMs, caFile });
  const ca = readFileSync(caFile, 'utf8');
  const requests: JournalEntry[] = [];
  const failures = new Failures();

  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    const entry = toJournalEntry(request);
    requests.push(entry);
    const answer = failures.answer(entry) ?? (await answerRequest(entry.host, request));
    entry.status = answer.status;
    return answer;
  };

  const answerRequest = async (host: string, request: HttpRequest): Promise<HttpAnswer> => {
    try {
      if (host.endsWith('.twil.io')) return await gateway.answer(request);
      return answerApi(account, handlers, request);
    } catch (error) {
      return answerError(new ApiError(500, 20500, `The stand-in failed: ${(error as Error).stack}`));
    }
  };

  const exchange: Exchange = (request, connectTimeoutMs, readTimeoutMs) =>
    gateway.serves(new URL(request.url).hostname)
      ? answerInTime(handle(request), readTimeoutMs)
      : sendRequest(request, { routes, ca, connectTimeoutMs, readTimeoutMs });

  // The SDK's client can be asked for other hosts than Twilio's too, as the proxy can.
  const handleAny = async (request: HttpRequest): Promise<HttpAnswer> => {
    const { hostname } = new URL(request.url);
    if (/\.(twilio\.com|twil\.io)$/.test(hostname)) return handle(request);
    const answer = await exchange(request, 5000, 30_000);
    if (!('failure' in answer)) return answer;
    recordRefusal(hostname);
    throw new Error(answer.error);
  };

  const recordRefusal = (host: string) => {
    requests.push({ method: 'CONNECT', host, path: '', params: {}, status: 502 });
  };
  const proxy = await startProxy(handle, routes, recordRefusal);

  const httpClient = () => createHttpClient(handleAny);
  const inboundOptions = { totalMs: webhookTimeoutMs, exchange };
  const { sid: accountSid, authToken, numbers, messagingServices, tollfreeVerifications, alerts } = account;
  return {
    accountSid,
    authToken,
    env: { HTTP_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: caFile },
    caFile,
    httpClient,
    client: () => twilio(accountSid, authToken, { httpClient: httpClient(), autoRetry: false }),
    handle,
    requests,
    writes: () => requests.filter(({ method, host }) => host.endsWith('.twilio.com') && method !== 'GET'),
    fail: (matches, failure, times = Number.POSITIVE_INFINITY) => failures.add(matches, failure, times),
    numbers,
    messagingServices,
    tollfreeVerifications,
    alerts,
    messages: account.messages,
    serverless: account.serverless,
    addNumber: (properties) => addNumber(account, properties),
    addMessagingService: (properties, sids) => addMessagingService(account, properties, sids),
    addTollfreeVerification: (properties) => addTollfreeVerification(account, properties),
    addAlert: (properties) => addAlert(account, properties),
    addMessage: (properties) => addMessage(account, properties),
    addLog: (properties) => addLog(account, properties),
    deployProject: (project) => deployProject(account, project),
    text: (text) => receiveText(account, text, inboundOptions),
    call: (call) => receiveCall(account, call, inboundOptions),
    close: async () => {
      await gateway.close();
      await proxy.close();
    },
  };
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'node:querystring';
import { validateRequest } from 'twilio';
import type { Operator } from '../../src/ops/operator';
import { deployBuilt, openTestOperator } from './operator';
import {
  type DeployedProject,
  type InboundText,
  type StandInTwilio,
  startStandInTwilio,
} from './stand-in-twilio';

export const NUMBER = '+18553894992';
export const SENDER = '+14155550123';
const MAX_A_MINUTE = 100;

/** Fikiri's message webhook, and the ways in which it can fail. Time is the scene's. */
export interface Fikiri {
  url: string;
  mode: 'up' | 'forbidden' | 'limited' | 'busy';
  /** What it took, in order. */
  accepted: Record<string, unknown>[];
  requests: number;
  /** Answers this status to texts with such a body, whatever the mode. */
  refuses: { body: RegExp; status: number } | undefined;
  /** Answers this status to the next request, whatever the mode. */
  failsOnce: number | undefined;
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

export interface Scene {
  twilio: StandInTwilio;
  project: DeployedProject;
  fikiri: Fikiri;
  operator: Operator;
  /** When each text was posted to the deployed /sms by a command, in ms. */
  posts: number[];
  /** Pauses that a command made, in ms. */
  slept: number[];
  /** Called at the begin of each pause. */
  onSleep: (ms: number) => void;
  /** Moves the time on; it stands still otherwise. */
  pass(ms: number): void;
  text(text?: Partial<InboundText>): ReturnType<StandInTwilio['text']>;
  close(): Promise<void>;
}

/** A Twilio account whose number is attached to the built Functions, and Fikiri behind them; one clock for all. */
export async function openScene(startedAt = Date.parse('2026-11-22T12:00:00Z')): Promise<Scene> {
  let nowMs = startedAt;
  const now = () => new Date(nowMs);
  const twilio = await startStandInTwilio({ now });
  const fikiri = await startFikiri(twilio.authToken, now);
  const project = deployBuilt(twilio, { FIKIRI_BASE_URL: fikiri.url });
  twilio.addNumber({
    phone_number: NUMBER,
    sms_url: `https://${project.domain}/sms#rc=1&rp=ct,rt,5xx`,
    sms_fallback_url: `https://${project.domain}/sms-unavailable.xml`,
    sms_fallback_method: 'GET',
  });

  const own = openTestOperator(twilio);
  const scene: Scene = {
    twilio,
    project,
    fikiri,
    posts: [],
    slept: [],
    onSleep: () => {},
    operator: {
      ...own,
      http: {
        request: (options) => {
          scene.posts.push(nowMs);
          return own.http.request(options);
        },
      },
      now,
      sleep: async (ms) => {
        scene.slept.push(ms);
        scene.onSleep(ms);
        nowMs += ms;
      },
    },
    pass: (ms) => {
      nowMs += ms;
    },
    text: ({ from = SENDER, to = NUMBER, body = 'Hello?', ...others } = {}) =>
      twilio.text({ from, to, body, ...others }),
    close: async () => {
      await twilio.close();
      await fikiri.close();
    },
  };
  return scene;
}

async function startFikiri(authToken: string, now: () => Date): Promise<Fikiri> {
  const times: number[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    fikiri.requests += 1;
    const form = { ...parse(body) } as Record<string, string>;
    const signature = String(request.headers['x-twilio-signature']);
    const isSigned = validateRequest(authToken, signature, `${fikiri.url}${request.url}`, form);
    const minuteAgo = now().getTime() - 60_000;
    const isOver = fikiri.mode === 'limited' && times.filter((at) => at > minuteAgo).length >= MAX_A_MINUTE;
    times.push(now().getTime());
    const isOdd = fikiri.refuses?.body.test(form['Body'] ?? '');
    const refused = fikiri.failsOnce ?? (isOdd ? fikiri.refuses?.status : undefined);
    fikiri.failsOnce = undefined;
    if (refused) response.writeHead(refused).end();
    else if (fikiri.mode === 'busy') response.writeHead(503).end();
    else if (isOver) response.writeHead(429, { 'Retry-After': 60 }).end();
    else if (fikiri.mode === 'forbidden' || !isSigned) response.writeHead(403).end();
    else {
      fikiri.accepted.push(form);
      response.writeHead(200, { 'Content-Type': 'text/html' }).end();
    }
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  const goDown = async () => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const fikiri: Fikiri = {
    url: `http://127.0.0.1:${port}`,
    mode: 'up',
    accepted: [],
    requests: 0,
    refuses: undefined,
    failsOnce: undefined,
    goDown,
    comeBack: () => listen(port),
    close: goDown,
  };
  return fikiri;
}

/** MessageSids, in order. */
export function sidsOf(list: { messageSid: string }[]): string[] {
  return list.map(({ messageSid }) => messageSid);
}

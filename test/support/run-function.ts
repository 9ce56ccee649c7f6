import './twilio-global';

export interface LogLine {
  level: 'log' | 'info' | 'warn' | 'error';
  line: string;
}

/** What Twilio's runtime would answer, and what the Function printed. */
export interface FunctionAnswer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
  log: LogLine[];
}

interface RuntimeResponse {
  statusCode: number;
  headers: Record<string, unknown>;
  body: string;
}

// biome-ignore lint/suspicious/noExplicitAny: each Function has its own types of context and event.
type Handler = (context: any, event: any, callback: (error?: any, answer?: any) => void) => unknown;

const LEVELS = ['log', 'info', 'warn', 'error'] as const;

/** Calls a handler as Twilio's runtime does. Rejects unless it calls back exactly once, without an error. */
export async function runFunction(
  handler: Handler,
  context: Record<string, unknown>,
  form: Record<string, unknown>,
  headers: Record<string, unknown> = {},
): Promise<FunctionAnswer> {
  const log: LogLine[] = [];
  const original = { ...console };
  for (const level of LEVELS) console[level] = (...words) => log.push({ level, line: words.join(' ') });
  const answers: RuntimeResponse[] = [];
  try {
    await handler(context, { request: { headers, cookies: {} }, ...form }, (error, answer) => {
      if (error) throw error;
      answers.push(answer);
    });
    await new Promise(setImmediate);
  } finally {
    Object.assign(console, original);
  }
  const [answer] = answers;
  if (!answer || answers.length > 1) throw new Error(`The handler called back ${answers.length} times.`);
  return { status: answer.statusCode, headers: answer.headers, body: answer.body, log };
}

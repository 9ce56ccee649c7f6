import type { ClientOpts } from 'twilio/lib/base/BaseTwilio';
import { type HttpAnswer, type HttpRequest, NoAnswer } from './request';

/** What the SDK's client takes as `httpClient`. */
export type SdkHttpClient = NonNullable<ClientOpts['httpClient']>;

type RequestOptions = Parameters<SdkHttpClient['request']>[0];

/** A client of the SDK that asks `handle` instead of the network, and gives what axios would give. */
export function createHttpClient(handle: (request: HttpRequest) => Promise<HttpAnswer>): SdkHttpClient {
  const request = async (options: RequestOptions) => {
    const url = new URL(options.uri);
    for (const [name, value] of encode(options.params)) url.searchParams.append(name, value);
    const headers = readHeaders(options);
    const body = typeof options.data === 'string' ? options.data : encode(options.data).toString();
    try {
      const answer = await handle({
        method: options.method.toUpperCase(),
        url: url.href,
        headers,
        body: Buffer.from(body),
      });
      return { statusCode: answer.status, body: parseBody(answer), headers: answer.headers };
    } catch (error) {
      // No test waits for a time that axios would wait: a request that hangs fails at once, as if it had passed.
      if (!(error instanceof NoAnswer)) throw error;
      const [message, code] =
        error.kind === 'hang'
          ? [`timeout of ${options.timeout ?? 30_000}ms exceeded`, 'ECONNABORTED']
          : ['socket hang up', 'ECONNRESET'];
      throw Object.assign(new Error(message), { code, isAxiosError: true });
    }
  };
  return { request } as unknown as SdkHttpClient;
}

function readHeaders({ headers, username, password, data }: RequestOptions): Record<string, string> {
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return {
    ...(data ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    ...(Object.fromEntries(given) as Record<string, string>),
    ...(username && password ? { authorization: `Basic ${credentials}` } : {}),
  };
}

/** As axios does it: whatever is JSON is parsed, whatever its content type. */
function parseBody(answer: HttpAnswer): unknown {
  const text = answer.body.toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** As the SDK's qs does it: undefined is left out, null is empty, an array repeats its key. */
function encode(values: unknown): URLSearchParams {
  const encoded = new URLSearchParams();
  for (const [name, value] of Object.entries((values ?? {}) as object)) {
    for (const element of [value].flat()) {
      if (element instanceof Date) encoded.append(name, element.toISOString());
      else if (element !== undefined) encoded.append(name, element === null ? '' : String(element));
    }
  }
  return encoded;
}

/** Parameters of a query or a form. A repeated key has an array of values. */
export type Parameters = Record<string, string | string[]>;

/** An HTTP request as it reached the stand-in. Header names are in lower case. */
export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Buffer;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** A request that Twilio does not answer: the connection hangs, or is reset. */
export class NoAnswer extends Error {
  constructor(readonly kind: 'hang' | 'reset') {
    super(kind);
  }
}

/** One line of the journal. `params` holds the query and the form; of an upload, what is not its content. */
export interface JournalEntry {
  method: string;
  host: string;
  path: string;
  params: Parameters;
  status: number;
}

/** Reads `a=1&b=2`. */
export function parseParameters(text: string | URLSearchParams): Parameters {
  const parameters: Parameters = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const earlier = parameters[key];
    parameters[key] = earlier === undefined ? value : [earlier, value].flat();
  }
  return parameters;
}

/** The form of a request: urlencoded or multipart; {} for anything else. */
export function parseForm({ headers, body }: HttpRequest): Parameters {
  const type = headers['content-type'] ?? '';
  if (type.startsWith('application/x-www-form-urlencoded')) return parseParameters(body.toString());
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/.exec(type)?.[1];
  return boundary ? parseMultipart(body.toString('latin1'), boundary) : {};
}

/** Parts of a multipart form by their names, as latin1 text: `Buffer.from(part, 'latin1')` has the bytes. */
function parseMultipart(body: string, boundary: string): Parameters {
  const parts: Parameters = {};
  for (const part of body.split(`--${boundary}`).slice(1, -1)) {
    const [head = ''] = part.split('\r\n\r\n', 1);
    const name = /name="([^"]+)"/.exec(head)?.[1];
    if (name) parts[name] = part.slice(head.length + 4, -2);
  }
  return parts;
}

export function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** A request as the journal has it, not yet answered. */
export function toJournalEntry(request: HttpRequest): JournalEntry {
  const url = new URL(request.url);
  const { Content: _content, ...form } = parseForm(request);
  const params = { ...parseParameters(url.searchParams), ...form };
  return { method: request.method, host: url.hostname, path: url.pathname, params, status: 0 };
}

import type { Account, Resource } from './account';
import { findBadParameter, findMismatches, findOperation, type Operation, schemaOf } from './openapi';
import { pageOf } from './paging';
import { type HttpAnswer, type HttpRequest, type Parameters, parseForm, parseParameters } from './request';

/** A request whose path, method and parameters Twilio's OpenAPI knows. */
export interface ApiRequest {
  account: Account;
  /** The SIDs of the path by their names in the OpenAPI, e.g. `ServiceSid`. */
  sids: Record<string, string>;
  query: Parameters;
  form: Parameters;
  contentType: string | undefined;
}

/** Answers one operation: a resource, a list with the newest first, or undefined: there is none (404). */
export type Handler = (request: ApiRequest) => Resource | Resource[] | undefined;

/** An answer with Twilio's error JSON. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** Answers a request to Twilio's API with the handler of its operation. */
export function answerApi(
  account: Account,
  handlers: Record<string, Handler>,
  request: HttpRequest,
): HttpAnswer {
  try {
    return answer(account, handlers, request);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return answerError(error);
  }
}

export function answerError({ status, code, message, headers }: ApiError): HttpAnswer {
  return answerJson(
    status,
    { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status },
    headers,
  );
}

function answer(account: Account, handlers: Record<string, Handler>, request: HttpRequest): HttpAnswer {
  const url = new URL(request.url);
  const credentials = Buffer.from(`${account.sid}:${account.authToken}`).toString('base64');
  if (request.headers['authorization'] !== `Basic ${credentials}`) {
    throw new ApiError(401, 20003, 'Authenticate');
  }

  const found = findOperation(request.method, url.hostname, url.pathname);
  if (found === 405) throw new ApiError(405, 20004, 'Method not allowed');
  if (found === 404) throw notFound(url);
  const { operation, sids } = found;
  if (sids['AccountSid'] !== undefined && sids['AccountSid'] !== account.sid) throw notFound(url);

  const query = parseParameters(url.searchParams);
  const form = parseForm(request);
  const bad = findBadParameter(operation, query, form);
  if (bad) throw new ApiError(400, 20001, bad);

  const handler = handlers[operation.key];
  if (!handler) throw new Error(`The stand-in has no handler for ${operation.key}`);
  const partType = /^Content-Type: *([^\r\n]+)/im.exec(request.body.toString('latin1'))?.[1];
  const result = handler({ account, sids, query, form, contentType: partType });
  if (result === undefined) throw notFound(url);
  return answerJson(operation.status, render(operation, url, query, result));
}

/** The answer's JSON. It must agree with the OpenAPI: if not, a test put something impossible in the account. */
function render(operation: Operation, url: URL, query: Parameters, result: Resource | Resource[]): object {
  const { item = '', list } = operation;
  const show = (resource: Resource) => {
    const shown = showResource(
      item,
      resource,
      operation.key.startsWith('GET') && !list ? url : undefined,
      url,
    );
    const mismatches = findMismatches(item, shown);
    if (mismatches.length > 0) throw new Error(mismatches.join('; '));
    return shown;
  };
  if (!list) return show(result as Resource);
  const page = pageOf(result as Resource[], url, query, list);
  if (typeof page === 'string') throw new ApiError(400, 20001, page);
  return page(show);
}

/** The properties of the schema, with the resource's own address. */
function showResource(schemaName: string, resource: Resource, own: URL | undefined, asked: URL): Resource {
  const schema = schemaOf(schemaName);
  const shown = Object.fromEntries(Object.keys(schema).map((name) => [name, resource[name]])) as Resource;
  const path = asked.pathname.replace(/\.json$/, '');
  const ownPath = own || path.endsWith(resource.sid) ? path : `${path}/${resource.sid}`;
  if ('uri' in schema) shown['uri'] = `${ownPath}.json`;
  if ('url' in schema) shown['url'] = `https://${asked.hostname}${ownPath}`;
  return shown;
}

function notFound(url: URL): ApiError {
  return new ApiError(404, 20404, `The requested resource ${url.pathname} was not found`);
}

function answerJson(status: number, body: object, headers: Record<string, string> = {}): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

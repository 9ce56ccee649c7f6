import { validateRequest } from 'twilio';
import { type Account, newSid, type Resource } from './account';
import { addAlert } from './alerts';
import { HostedBuild, type PrintedLine } from './hosted-build';
import { type HttpAnswer, type HttpRequest, parseForm, parseParameters } from './request';
import { addLog } from './serverless';

/** What a Function does not get to see; the runtime handler's checks/restricted-headers.js, and Host. */
const HIDDEN_HEADERS = /^(i-twilio-|i-t-|ot-|x-amz|x-forwarded-|x-accel-)|^(host|via|connection|x-real-ip)$/;
/** Twilio keeps the last 3 kB that an invocation prints. */
const MAX_PRINTED_BYTES = 3072;

/** The gateway before the deployed Functions and assets: `https://{service}-{number}.twil.io`. */
export class Gateway {
  private readonly hosted = new Map<string, HostedBuild>();

  constructor(
    private readonly account: Account,
    private readonly options: { timeoutMs: number; caFile: string },
  ) {}

  /** Whether a host is one of the account's own environments. */
  serves(host: string): boolean {
    return this.account.serverless.environments.some(({ domain_name }) => domain_name === host);
  }

  async answer(request: HttpRequest): Promise<HttpAnswer> {
    const { serverless, authToken } = this.account;
    const url = new URL(request.url);
    const environment = serverless.environments.find(({ domain_name }) => domain_name === url.hostname);
    const build = serverless.builds.find(({ sid }) => sid === environment?.['build_sid']);
    const isHere = ({ path, visibility }: Resource) => path === url.pathname && visibility !== 'private';
    const version = (build?.['function_versions'] as Resource[] | undefined)?.find(isHere);
    const asset = (build?.['asset_versions'] as Resource[] | undefined)?.find(isHere);
    const found = version ?? asset;
    if (!environment || !build || !found) return answerText(404, 'Not found');

    if (found['visibility'] === 'protected') {
      const form = request.method === 'POST' ? parseForm(request) : {};
      const signature = request.headers['x-twilio-signature'] ?? '';
      // Twilio's documentation says 400, others have seen 403.
      if (!validateRequest(authToken, signature, request.url, form)) return answerText(403, 'Forbidden');
    }
    if (asset) {
      // Unconfirmed: Twilio does not say what a POST to an asset gets.
      if (request.method !== 'GET') return answerText(405, 'Method not allowed');
      const content = serverless.contents.get(asset.sid);
      const type = content?.type ?? 'application/octet-stream';
      return { status: 200, headers: { 'content-type': type }, body: content?.bytes ?? '' };
    }
    if (!['GET', 'POST', 'OPTIONS'].includes(request.method)) return answerText(405, 'Method not allowed');
    return this.invoke(environment, build, found, request);
  }

  async close(): Promise<void> {
    await Promise.all([...this.hosted.values()].map((hosted) => hosted.close()));
  }

  private async invoke(
    environment: Resource,
    build: Resource,
    version: Resource,
    request: HttpRequest,
  ): Promise<HttpAnswer> {
    const hosted = this.hosted.get(build.sid) ?? new HostedBuild(this.account, build, this.options);
    this.hosted.set(build.sid, hosted);
    const path = String(version['path']);
    const result = await hosted.invoke(path, this.contextOf(environment, path), eventOf(request));
    const request_sid = newSid('RQ');
    for (const { level, message } of lastBytes(result.lines)) {
      addLog(this.account, {
        environment_sid: environment.sid,
        function_sid: version['function_sid'],
        request_sid,
        level,
        message,
      });
      if (level === 'INFO') continue;
      addAlert(this.account, {
        error_code: level === 'WARN' ? '82004' : '82005',
        log_level: level === 'WARN' ? 'warning' : 'error',
        alert_text: message,
        // Unconfirmed: what Twilio names as the resource and the URL of such an alert.
        resource_sid: request_sid,
        request_url: request.url,
        request_method: request.method,
        service_sid: environment['service_sid'],
      });
    }
    return { status: result.status, headers: { 'content-type': result.type }, body: result.body };
  }

  private contextOf(environment: Resource, path: string): object {
    const { serverless, sid, authToken } = this.account;
    const service = serverless.services.find((candidate) => candidate.sid === environment['service_sid']);
    const variables = serverless.variables
      .filter(({ environment_sid }) => environment_sid === environment.sid)
      .map(({ key, value }) => [key, value]);
    return {
      DOMAIN_NAME: environment['domain_name'],
      PATH: path,
      SERVICE_SID: environment['service_sid'],
      ENVIRONMENT_SID: environment.sid,
      ...(service?.['include_credentials'] ? { ACCOUNT_SID: sid, AUTH_TOKEN: authToken } : {}),
      ...Object.fromEntries(variables),
    };
  }
}

function eventOf(request: HttpRequest): object {
  const shown = Object.entries(request.headers).filter(([name]) => !HIDDEN_HEADERS.test(name));
  const isJson = request.headers['content-type']?.startsWith('application/json');
  return {
    request: { headers: Object.fromEntries(shown), cookies: {} },
    ...parseParameters(new URL(request.url).searchParams),
    ...(isJson ? JSON.parse(request.body.toString()) : parseForm(request)),
  };
}

function lastBytes(lines: PrintedLine[]): PrintedLine[] {
  const kept: PrintedLine[] = [];
  let room = MAX_PRINTED_BYTES;
  for (const { level, message } of lines.toReversed()) {
    if (room <= 0) break;
    const bytes = Buffer.from(message);
    kept.unshift({ level, message: bytes.subarray(Math.max(bytes.length - room, 0)).toString() });
    room -= bytes.length;
  }
  return kept;
}

function answerText(status: number, body: string): HttpAnswer {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}

import { randomBytes } from 'node:crypto';
import { findMismatches, schemaOf } from './openapi';

/** A resource as Twilio's API shows it. Change a property, and the next answer has it. */
export interface Resource {
  sid: string;
  [property: string]: unknown;
}

/** Properties of a resource to make. A Date becomes text in the form of its property. */
export type Given<R> = { [property in keyof R]?: R[property] | Date };

export interface PhoneNumber extends Resource {
  phone_number: string;
  sms_url: string | null;
  sms_method: string | null;
  sms_fallback_url: string | null;
  sms_fallback_method: string | null;
  sms_application_sid: string | null;
  voice_url: string | null;
  voice_method: string | null;
  voice_fallback_url: string | null;
  voice_fallback_method: string | null;
  voice_application_sid: string | null;
  trunk_sid: string | null;
}

export interface MessagingService extends Resource {
  friendly_name: string;
  inbound_request_url: string | null;
  inbound_method: string | null;
  fallback_url: string | null;
  fallback_method: string | null;
  use_inbound_webhook_on_number: boolean | null;
}

export type Message = Resource & { from: string | null; to: string | null; body: string | null };
export type Alert = Resource & {
  error_code: string | null;
  request_url: string | null;
  resource_sid: string | null;
};
export type Log = Resource & { level: string | null; message: string | null; date_created: string | null };

/** Everything Twilio Serverless stores. `contents` has the uploaded bytes of each version by its SID. */
export interface ServerlessState {
  services: Resource[];
  environments: Resource[];
  functions: Resource[];
  functionVersions: Resource[];
  assets: Resource[];
  assetVersions: Resource[];
  builds: Resource[];
  deployments: Resource[];
  variables: Resource[];
  logs: Log[];
  contents: Map<string, { bytes: Buffer; type: string }>;
}

/** One Twilio account: every list has the oldest resource first. */
export class Account {
  readonly sid = newSid('AC');
  readonly authToken = randomBytes(16).toString('hex');
  readonly numbers: PhoneNumber[] = [];
  readonly messagingServices: MessagingService[] = [];
  /** Which number is in which Messaging Service: `sid` is the number's, `service_sid` the service's. */
  readonly servicePhoneNumbers: Resource[] = [];
  readonly tollfreeVerifications: Resource[] = [];
  readonly alerts: Alert[] = [];
  readonly messages: Message[] = [];
  readonly media: Resource[] = [];
  readonly serverless: ServerlessState = {
    services: [],
    environments: [],
    functions: [],
    functionVersions: [],
    assets: [],
    assetVersions: [],
    builds: [],
    deployments: [],
    variables: [],
    logs: [],
    contents: new Map(),
  };

  constructor(readonly now: () => Date) {}

  /**
   * A resource with every property of its schema: given, or known (SIDs, dates), or null. Throws when a property
   * is not in the schema or not of its type.
   */
  make<R extends Resource>(schemaName: string, properties: object): R {
    const schema = schemaOf(schemaName);
    const resource: Record<string, unknown> = {};
    for (const [name, spec] of Object.entries(schema)) {
      if (name === 'sid') resource[name] = newSid(/^sid (\w\w)/.exec(spec)?.[1] ?? 'XX');
      else if (name === 'account_sid') resource[name] = this.sid;
      else if (/^date_(created|updated)$/.test(name)) resource[name] = formatDate(spec, this.now());
      else resource[name] = null;
    }
    for (const [name, value] of Object.entries(properties)) {
      resource[name] = value instanceof Date ? formatDate(schema[name] ?? '', value) : value;
    }
    const mismatches = findMismatches(schemaName, resource);
    if (mismatches.length > 0) throw new Error(mismatches.join('; '));
    return resource as unknown as R;
  }
}

export function newSid(prefix: string): string {
  return prefix + randomBytes(16).toString('hex');
}

/** Twilio's dates have whole seconds: the classic API's in the form of RFC 2822, the newer ones' in ISO 8601. */
export function formatDate(spec: string, date: Date): string {
  if (spec.startsWith('date-time-rfc-2822')) return date.toUTCString().replace('GMT', '+0000');
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

import openApi from './openapi.json';
import type { Parameters } from './request';

/** What a property or a parameter may hold, e.g. `sid PN?`: see make-openapi.mjs, which makes openapi.json. */
type Spec = string;

/** One operation of Twilio's API. */
export interface Operation {
  /** e.g. `GET monitor /v1/Alerts`. */
  key: string;
  query: Record<string, Spec>;
  form: Record<string, Spec>;
  required: string[];
  status: number;
  /** The schema of the resource it answers, and the property that holds the list of them. */
  item?: string;
  list?: string;
}

const { operations, schemas } = openApi as unknown as {
  operations: Record<string, Omit<Operation, 'key'>>;
  schemas: Record<string, Record<string, Spec>>;
};

export const operationKeys = Object.keys(operations);

/** The operation a request asks for, with the SIDs of its path; 404 no such path, 405 no such method. */
export function findOperation(
  method: string,
  host: string,
  path: string,
): { operation: Operation; sids: Record<string, string> } | 404 | 405 {
  let refusal: 404 | 405 = 404;
  for (const key of operationKeys) {
    const [operationMethod = '', product, template = ''] = key.split(' ');
    if (host !== `${product}.twilio.com`) continue;
    const pattern = template.replaceAll('.', '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/.]+)');
    const match = new RegExp(`^${pattern}$`).exec(path);
    if (!match) continue;
    const operation = operations[key];
    if (operation && operationMethod === method) {
      return { operation: { key, ...operation }, sids: { ...match.groups } };
    }
    refusal = 405;
  }
  return refusal;
}

/** What is wrong with a request's parameters, by Twilio's OpenAPI; undefined if nothing is. */
export function findBadParameter(
  operation: Operation,
  query: Parameters,
  form: Parameters,
): string | undefined {
  const missing = operation.required.find((name) => form[name] === undefined);
  if (missing) return `Missing required parameter ${missing}`;
  for (const [known, given] of [
    [operation.query, query],
    [operation.form, form],
  ] as const) {
    for (const [name, value] of Object.entries(given)) {
      const spec = known[name];
      if (spec === undefined) return `${operation.key} has no parameter ${name}`;
      const element = spec.replace(/^array of /, '');
      if (Array.isArray(value) && element === spec) return `${name} is given twice`;
      const bad = [value].flat().find((text) => text !== '' && !fits(element, parse(element, text)));
      if (bad !== undefined) return `${name} is "${bad}", not ${element}`;
    }
  }
  return undefined;
}

/** The names of a schema's properties with their specs. */
export function schemaOf(name: string): Record<string, Spec> {
  const schema = schemas[name];
  if (!schema) throw new Error(`openapi.json has no schema ${name}`);
  return schema;
}

/** What of a resource does not agree with its schema: unknown, missing or ill-typed properties. */
export function findMismatches(schemaName: string, resource: object): string[] {
  const schema = schemaOf(schemaName);
  const unknown = Object.keys(resource).filter((name) => !(name in schema));
  const values = new Map(Object.entries(resource));
  const wrong = Object.entries(schema).filter(([name, spec]) => !fits(spec, values.get(name)));
  return [
    ...unknown.map((name) => `${schemaName} has no ${name}`),
    ...wrong.map(
      ([name, spec]) => `${schemaName}.${name} is ${JSON.stringify(values.get(name))}, not ${spec}`,
    ),
  ];
}

function parse(spec: Spec, text: string): unknown {
  if (spec === 'integer') return /^\d+$/.test(text) ? Number(text) : text;
  if (spec === 'boolean') return /^(true|false)$/i.test(text) ? true : text;
  return text;
}

function fits(spec: Spec, value: unknown): boolean {
  if (value === null) return spec.endsWith('?');
  const [kind = '', rest = ''] = spec.replace(/\?$/, '').split(/ (.*)/);
  if (kind === 'any') return value !== undefined;
  if (kind === 'array') {
    return Array.isArray(value) && value.every((element) => fits(rest.replace(/^of /, ''), element));
  }
  if (kind === 'object') return typeof value === 'object';
  if (kind === 'integer') return Number.isInteger(value);
  if (kind === 'boolean') return typeof value === 'boolean';
  return typeof value === 'string' && (textPattern(kind, rest)?.test(value) ?? true);
}

function textPattern(kind: string, rest: string): RegExp | undefined {
  if (kind === 'sid') return new RegExp(`^(${rest})[0-9a-fA-F]{32}$`);
  if (kind === 'enum') return new RegExp(`^(${rest})$`);
  if (kind === 'date-time') return /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?$/;
  if (kind === 'date-time-rfc-2822') return /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/;
  if (kind === 'phone-number') return /^(\+?\d+|\w+)$/;
  // An unset URL of a phone number is '', of a Messaging Service null.
  if (kind === 'uri') return /^(https?:\/\/[^\s]+)?$/;
  return undefined;
}

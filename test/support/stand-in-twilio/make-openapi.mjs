// Makes openapi.json from a folder of slices of Twilio's OpenAPI (api_v2010.json, messaging_v1.json …, each
// {paths} with its references resolved): node make-openapi.mjs FOLDER. A property is one word or two, e.g.
// "sid PN?", "enum none|any", "date-time", with ? for nullable.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
if (!folder) throw new Error('Give the folder with the slices: node make-openapi.mjs FOLDER');

const account = '/2010-04-01/Accounts/{AccountSid}';
const service = '/v1/Services/{ServiceSid}';
const environment = `${service}/Environments/{EnvironmentSid}`;

/** Slice, resource, method, path: every operation the stand-in answers. */
const wanted = [
  ['api_v2010', 'account', 'get', '/2010-04-01/Accounts/{Sid}.json'],
  ['api_v2010', 'phone_number', 'get', `${account}/IncomingPhoneNumbers.json`],
  ['api_v2010', 'phone_number', 'post', `${account}/IncomingPhoneNumbers/{Sid}.json`],
  ['api_v2010', 'message', 'get', `${account}/Messages.json`],
  ['api_v2010', 'message', 'get', `${account}/Messages/{Sid}.json`],
  ['api_v2010', 'media', 'get', `${account}/Messages/{MessageSid}/Media.json`],
  ['messaging_v1', 'messaging_service', 'get', '/v1/Services'],
  ['messaging_v1', 'messaging_service', 'post', '/v1/Services/{Sid}'],
  ['messaging_v1', 'service_phone_number', 'get', `${service}/PhoneNumbers`],
  ['messaging_v1', 'tollfree_verification', 'get', '/v1/Tollfree/Verifications'],
  ['monitor_v1', 'alert', 'get', '/v1/Alerts/{Sid}'],
  ['monitor_v1', 'alert', 'get', '/v1/Alerts'],
  ['serverless_v1', 'service', 'get', '/v1/Services'],
  ['serverless_v1', 'service', 'post', '/v1/Services'],
  ['serverless_v1', 'service', 'get', '/v1/Services/{Sid}'],
  ['serverless_v1', 'environment', 'get', `${service}/Environments`],
  ['serverless_v1', 'environment', 'post', `${service}/Environments`],
  ['serverless_v1', 'function', 'get', `${service}/Functions`],
  ['serverless_v1', 'function', 'post', `${service}/Functions`],
  ['serverless_v1', 'asset', 'get', `${service}/Assets`],
  ['serverless_v1', 'asset', 'post', `${service}/Assets`],
  ['serverless_v1', 'build', 'post', `${service}/Builds`],
  ['serverless_v1', 'build', 'get', `${service}/Builds/{Sid}`],
  ['serverless_v1', 'build_status', 'get', `${service}/Builds/{Sid}/Status`],
  ['serverless_v1', 'deployment', 'get', `${environment}/Deployments`],
  ['serverless_v1', 'deployment', 'post', `${environment}/Deployments`],
  ['serverless_v1', 'variable', 'get', `${environment}/Variables`],
  ['serverless_v1', 'variable', 'post', `${environment}/Variables`],
  ['serverless_v1', 'variable', 'post', `${environment}/Variables/{Sid}`],
  ['serverless_v1', 'log', 'get', `${environment}/Logs`],
];

const operations = {};
const schemas = {};

for (const [slice, resource, method, path] of wanted) {
  const operation = readOperation(slice, path, method);
  const [[status, response]] = Object.entries(operation.responses);
  const form = operation.requestBody?.schema;
  operations[`${method.toUpperCase()} ${slice.split('_')[0]} ${path}`] = {
    query: specs(operation.parameters.filter((parameter) => parameter.in === 'query')),
    form: propertySpecs(form?.properties ?? {}),
    required: form?.required ?? [],
    status: Number(status),
    ...describeResponse(resource, response),
  };
}

// What OpenAPI lacks: the toolkit's upload host, and a parameter its createEnvironmentFromSuffix sends.
const upload = { Path: 'string', Visibility: 'enum public|private|protected', Content: 'string' };
for (const kind of ['Function', 'Asset']) {
  const path = `${service}/${kind}s/{${kind}Sid}/Versions`;
  const [list] = Object.values(readOperation('serverless_v1', path, 'get').responses);
  const { item } = describeResponse(`${kind.toLowerCase()}_version`, list);
  operations[`POST serverless-upload ${path}`] = {
    query: {},
    form: upload,
    required: Object.keys(upload),
    status: 201,
    item,
  };
}
operations[`POST serverless ${service}/Environments`].form.FriendlyName = 'string';

writeFileSync(
  new URL('openapi.json', import.meta.url),
  `${JSON.stringify({ operations, schemas }, null, 2)}\n`,
);

function readOperation(slice, path, method) {
  return JSON.parse(readFileSync(join(folder, `${slice}.json`), 'utf8')).paths[path][method];
}

function describeResponse(resource, response) {
  const [key, list] =
    Object.entries(response.properties).find(
      ([, { items }]) => items?.properties && (response.properties.meta || response.properties.page),
    ) ?? [];
  if (!key) return { item: keepSchema(resource, response) };
  return { list: key, item: keepSchema(resource, list.items) };
}

/** A list can show less of a resource than a fetch does: then it has a schema of its own. */
function keepSchema(resource, schema) {
  const properties = propertySpecs(schema.properties);
  const name = [resource, `${resource}_in_list`].find(
    (candidate) => !schemas[candidate] || JSON.stringify(schemas[candidate]) === JSON.stringify(properties),
  );
  if (!name) throw new Error(`${resource} has a third schema`);
  schemas[name] = properties;
  return name;
}

function specs(parameters) {
  return Object.fromEntries(parameters.map(({ name, schema }) => [name, spec(schema)]));
}

function propertySpecs(properties) {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, spec(schema)]));
}

function spec(schema) {
  const formats = ['date-time', 'date-time-rfc-2822', 'uri', 'phone-number'];
  const sid = /^\^(?:\(?([A-Z|]+)\)?|\[a-zA-Z\]\{2\})\[0-9a-fA-F\]\{32\}\$$/.exec(schema.pattern ?? '');
  const word = () => {
    if (schema.type === 'array') return `array of ${spec(schema.items)}`;
    if (schema.enum) return `enum ${schema.enum.filter((value) => value !== null).join('|')}`;
    if (sid) return `sid ${sid[1] ?? '[a-zA-Z]{2}'}`;
    return formats.includes(schema.format) ? schema.format : (schema.type ?? 'any');
  };
  return word() + (schema.nullable ? '?' : '');
}

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

/** Slice, host's first label, resource, path, methods: every operation the stand-in answers. */
const wanted = [
  ['api_v2010', 'api', 'account', '/2010-04-01/Accounts/{Sid}.json', ['get']],
  ['api_v2010', 'api', 'phone_number', `${account}/IncomingPhoneNumbers/{Sid}.json`, ['get', 'post']],
  ['api_v2010', 'api', 'phone_number', `${account}/IncomingPhoneNumbers.json`, ['get']],
  ['api_v2010', 'api', 'message', `${account}/Messages/{Sid}.json`, ['get']],
  ['api_v2010', 'api', 'message', `${account}/Messages.json`, ['get']],
  ['api_v2010', 'api', 'media', `${account}/Messages/{MessageSid}/Media.json`, ['get']],
  ['messaging_v1', 'messaging', 'messaging_service', '/v1/Services/{Sid}', ['get', 'post']],
  ['messaging_v1', 'messaging', 'messaging_service', '/v1/Services', ['get']],
  ['messaging_v1', 'messaging', 'service_phone_number', `${service}/PhoneNumbers`, ['get']],
  ['messaging_v1', 'messaging', 'tollfree_verification', '/v1/Tollfree/Verifications', ['get']],
  ['monitor_v1', 'monitor', 'alert', '/v1/Alerts/{Sid}', ['get']],
  ['monitor_v1', 'monitor', 'alert', '/v1/Alerts', ['get']],
  ['serverless_v1', 'serverless', 'service', '/v1/Services/{Sid}', ['get']],
  ['serverless_v1', 'serverless', 'service', '/v1/Services', ['get', 'post']],
  ['serverless_v1', 'serverless', 'environment', `${service}/Environments/{Sid}`, ['get']],
  ['serverless_v1', 'serverless', 'environment', `${service}/Environments`, ['get', 'post']],
  ['serverless_v1', 'serverless', 'function', `${service}/Functions/{Sid}`, ['get']],
  ['serverless_v1', 'serverless', 'function', `${service}/Functions`, ['get', 'post']],
  ['serverless_v1', 'serverless', 'function_version', `${service}/Functions/{FunctionSid}/Versions`, ['get']],
  [
    'serverless_v1',
    'serverless',
    'function_version',
    `${service}/Functions/{FunctionSid}/Versions/{Sid}`,
    ['get'],
  ],
  [
    'serverless_v1',
    'serverless',
    'function_content',
    `${service}/Functions/{FunctionSid}/Versions/{Sid}/Content`,
    ['get'],
  ],
  ['serverless_v1', 'serverless', 'asset', `${service}/Assets/{Sid}`, ['get']],
  ['serverless_v1', 'serverless', 'asset', `${service}/Assets`, ['get', 'post']],
  ['serverless_v1', 'serverless', 'asset_version', `${service}/Assets/{AssetSid}/Versions`, ['get']],
  ['serverless_v1', 'serverless', 'build', `${service}/Builds/{Sid}`, ['get']],
  ['serverless_v1', 'serverless', 'build', `${service}/Builds`, ['get', 'post']],
  ['serverless_v1', 'serverless', 'build_status', `${service}/Builds/{Sid}/Status`, ['get']],
  ['serverless_v1', 'serverless', 'deployment', `${environment}/Deployments/{Sid}`, ['get']],
  ['serverless_v1', 'serverless', 'deployment', `${environment}/Deployments`, ['get', 'post']],
  ['serverless_v1', 'serverless', 'variable', `${environment}/Variables/{Sid}`, ['get', 'post', 'delete']],
  ['serverless_v1', 'serverless', 'variable', `${environment}/Variables`, ['get', 'post']],
  ['serverless_v1', 'serverless', 'log', `${environment}/Logs/{Sid}`, ['get']],
  ['serverless_v1', 'serverless', 'log', `${environment}/Logs`, ['get']],
];

const operations = {};
const schemas = {};

for (const [slice, product, resource, path, methods] of wanted) {
  const { paths } = JSON.parse(readFileSync(join(folder, `${slice}.json`), 'utf8'));
  for (const method of methods) {
    const operation = paths[path][method];
    const [[status, response]] = Object.entries(operation.responses);
    const form = operation.requestBody?.schema;
    operations[`${method.toUpperCase()} ${product} ${path}`] = {
      query: specs(operation.parameters.filter((parameter) => parameter.in === 'query')),
      form: propertySpecs(form?.properties ?? {}),
      required: form?.required ?? [],
      status: Number(status),
      ...describeResponse(resource, response),
    };
  }
}

// What OpenAPI lacks: the toolkit's upload host, and a parameter its createEnvironmentFromSuffix sends.
const upload = { Path: 'string', Visibility: 'enum public|private|protected', Content: 'string' };
for (const kind of ['Function', 'Asset']) {
  operations[`POST serverless-upload ${service}/${kind}s/{${kind}Sid}/Versions`] = {
    query: {},
    form: upload,
    required: Object.keys(upload),
    status: 201,
    item: `${kind.toLowerCase()}_version`,
  };
}
operations[`POST serverless ${service}/Environments`].form.FriendlyName = 'string';

writeFileSync(
  new URL('openapi.json', import.meta.url),
  `${JSON.stringify({ operations, schemas }, null, 2)}\n`,
);

function describeResponse(resource, response) {
  if (!response) return {};
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

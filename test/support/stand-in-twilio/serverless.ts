import { type Account, formatDate, type Given, type Log, type Resource } from './account';
import { isWithin } from './alerts';
import { ApiError, type ApiRequest, type Handler } from './api';
import { first } from './request';

const DAY_MS = 86_400_000;
const SERVICE = '/v1/Services/{ServiceSid}';
const ENVIRONMENT = `${SERVICE}/Environments/{EnvironmentSid}`;

/** Services, environments, variables and logs of Twilio Serverless. */
export const serverlessHandlers: Record<string, Handler> = {
  'GET serverless /v1/Services': ({ account }) => account.serverless.services.toReversed(),
  'GET serverless /v1/Services/{Sid}': ({ account, sids }) =>
    account.serverless.services.find(({ sid, unique_name }) => [sid, unique_name].includes(sids['Sid'])),
  'POST serverless /v1/Services': ({ account, form }) => {
    const { services } = account.serverless;
    const uniqueName = first(form['UniqueName']);
    if (services.some(({ unique_name }) => unique_name === uniqueName)) {
      throw new ApiError(409, 20409, `Service with unique name ${uniqueName} already exists`);
    }
    const service = account.make<Resource>('service', {
      unique_name: uniqueName,
      friendly_name: form['FriendlyName'],
      include_credentials: first(form['IncludeCredentials']) !== 'false',
      ui_editable: first(form['UiEditable']) === 'true',
      domain_base: `${uniqueName}-${1000 + Math.floor(Math.random() * 9000)}`,
    });
    services.push(service);
    return service;
  },

  [`GET serverless ${SERVICE}/Environments`]: (request) => inService(request, 'environments'),
  [`POST serverless ${SERVICE}/Environments`]: (request) => {
    const { account, form } = request;
    const service = findService(request);
    const suffix = first(form['DomainSuffix']) || null;
    if (inService(request, 'environments').some(({ domain_suffix }) => domain_suffix === suffix)) {
      throw new ApiError(409, 20409, `An environment with the domain suffix ${suffix} already exists`);
    }
    const environment = account.make<Resource>('environment', {
      service_sid: service.sid,
      unique_name: form['UniqueName'],
      domain_suffix: suffix,
      domain_name: `${[service['domain_base'], suffix].filter(Boolean).join('-')}.twil.io`,
    });
    account.serverless.environments.push(environment);
    return environment;
  },

  [`GET serverless ${ENVIRONMENT}/Variables`]: (request) => inEnvironment(request, 'variables'),
  [`POST serverless ${ENVIRONMENT}/Variables`]: (request) => {
    const { account, form } = request;
    const environment = findEnvironment(request);
    if (inEnvironment(request, 'variables').some(({ key }) => key === form['Key'])) {
      throw new ApiError(409, 20409, `Variable ${first(form['Key'])} already exists`);
    }
    const variable = account.make<Resource>('variable', {
      service_sid: environment['service_sid'],
      environment_sid: environment.sid,
      key: form['Key'],
      value: form['Value'],
    });
    account.serverless.variables.push(variable);
    return variable;
  },
  [`POST serverless ${ENVIRONMENT}/Variables/{Sid}`]: (request) => {
    const { account, form } = request;
    const variable = inEnvironment(request, 'variables').find(({ sid }) => sid === request.sids['Sid']);
    if (!variable) return undefined;
    if (form['Key']) variable['key'] = form['Key'];
    if (form['Value'] !== undefined) variable['value'] = form['Value'];
    variable['date_updated'] = formatDate('date-time', account.now());
    return variable;
  },

  // A query gives at most 10,000 lines, the newest, and those of the last day when it has no StartDate.
  [`GET serverless ${ENVIRONMENT}/Logs`]: (request) =>
    inEnvironment(request, 'logs')
      ?.filter(({ function_sid }) => [undefined, function_sid].includes(first(request.query['FunctionSid'])))
      .filter(({ date_created }) =>
        isWithin(date_created, request.query, request.account.now().getTime() - DAY_MS),
      )
      .slice(0, 10_000),
};

/** A line that a Function printed: of the newest environment, unless the properties say otherwise. */
export function addLog(account: Account, properties: Given<Log>): Log {
  const { environments, deployments, logs } = account.serverless;
  const environment =
    environments.find(({ sid }) => sid === properties['environment_sid']) ?? environments.at(-1);
  if (!environment) throw new Error('No environment for this log: deployProject first');
  const log = account.make<Log>('log', {
    service_sid: environment['service_sid'],
    environment_sid: environment.sid,
    build_sid: environment['build_sid'],
    deployment_sid:
      deployments.findLast(({ environment_sid }) => environment_sid === environment.sid)?.sid ?? null,
    level: 'INFO',
    message: '',
    ...properties,
  });
  logs.push(log);
  return log;
}

/** The service of a request's path: 404 if there is none. Its path can name it by its unique name. */
export function findService({ account, sids }: ApiRequest): Resource {
  const name = sids['ServiceSid'];
  const service = account.serverless.services.find(({ sid, unique_name }) =>
    [sid, unique_name].includes(name),
  );
  if (!service) throw new ApiError(404, 20404, `Service ${name} was not found`);
  return service;
}

/** The environment of a request's path: 404 if there is none. */
export function findEnvironment(request: ApiRequest): Resource {
  const environment = inService(request, 'environments').find(
    ({ sid }) => sid === request.sids['EnvironmentSid'],
  );
  if (!environment)
    throw new ApiError(404, 20404, `Environment ${request.sids['EnvironmentSid']} was not found`);
  return environment;
}

type Kind = Exclude<keyof Account['serverless'], 'contents'>;

/** What of this kind is in the service of a request's path, the newest first. */
export function inService(request: ApiRequest, kind: Kind): Resource[] {
  const service = findService(request);
  return request.account.serverless[kind].filter(({ service_sid }) => service_sid === service.sid).reverse();
}

export function oneInService(request: ApiRequest, kind: Kind): Resource | undefined {
  return inService(request, kind).find(({ sid }) => sid === request.sids['Sid']);
}

export function inEnvironment(request: ApiRequest, kind: Kind): Resource[] {
  const environment = findEnvironment(request);
  return inService(request, kind).filter(({ environment_sid }) => environment_sid === environment.sid);
}

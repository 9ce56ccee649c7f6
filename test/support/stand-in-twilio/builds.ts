import { type Account, formatDate, type Resource } from './account';
import { ApiError, type ApiRequest, type Handler } from './api';
import { first } from './request';
import { findEnvironment, findService, inEnvironment, inService, oneInService } from './serverless';

const SERVICE = '/v1/Services/{ServiceSid}';
const FUNCTIONS = `${SERVICE}/Functions`;
const ASSETS = `${SERVICE}/Assets`;
const BUILDS = `${SERVICE}/Builds`;
const DEPLOYMENTS = `${SERVICE}/Environments/{EnvironmentSid}/Deployments`;

/** Functions, assets, their uploads, builds and deployments of Twilio Serverless. */
export const buildHandlers: Record<string, Handler> = {
  [`GET serverless ${FUNCTIONS}`]: (request) => inService(request, 'functions'),
  [`POST serverless ${FUNCTIONS}`]: (request) => addFile(request, 'function'),
  [`POST serverless-upload ${FUNCTIONS}/{FunctionSid}/Versions`]: (request) => upload(request, 'function'),

  [`GET serverless ${ASSETS}`]: (request) => inService(request, 'assets'),
  [`POST serverless ${ASSETS}`]: (request) => addFile(request, 'asset'),
  [`POST serverless-upload ${ASSETS}/{AssetSid}/Versions`]: (request) => upload(request, 'asset'),

  [`GET serverless ${BUILDS}/{Sid}`]: (request) => oneInService(request, 'builds'),
  [`POST serverless ${BUILDS}`]: (request) => {
    const { account, form } = request;
    // The toolkit sends the list in quotes of its own.
    const dependencies = (first(form['Dependencies']) || '[]').replace(/^"(.*)"$/s, '$1');
    const build = account.make<Resource>('build', {
      service_sid: findService(request).sid,
      status: 'building',
      function_versions: pickVersions(request, 'functionVersions', form['FunctionVersions']),
      asset_versions: pickVersions(request, 'assetVersions', form['AssetVersions']),
      dependencies: JSON.parse(dependencies),
      runtime: parseRuntime(first(form['Runtime']) || 'node22'),
    });
    account.serverless.builds.push(build);
    return build;
  },
  // A build takes until it is asked for: whoever does not wait for its status cannot deploy it.
  [`GET serverless ${BUILDS}/{Sid}/Status`]: (request) => {
    const build = oneInService(request, 'builds');
    if (build?.['status'] === 'building') build['status'] = 'completed';
    return build;
  },

  [`GET serverless ${DEPLOYMENTS}`]: (request) => inEnvironment(request, 'deployments'),
  [`POST serverless ${DEPLOYMENTS}`]: (request) => {
    const { account, form } = request;
    const build = inService(request, 'builds').find(({ sid }) => sid === form['BuildSid']);
    if (build?.['status'] !== 'completed') {
      throw new ApiError(400, 20001, `Build ${first(form['BuildSid'])} is not there or not completed`);
    }
    return deploy(account, findEnvironment(request), build);
  },
};

/** Activates a build in an environment. */
export function deploy(account: Account, environment: Resource, build: Resource): Resource {
  const { service_sid } = environment;
  const deployment = account.make<Resource>('deployment', {
    service_sid,
    environment_sid: environment.sid,
    build_sid: build.sid,
  });
  account.serverless.deployments.push(deployment);
  environment['build_sid'] = build.sid;
  environment['date_updated'] = formatDate('date-time', account.now());
  return deployment;
}

function addFile(request: ApiRequest, kind: 'function' | 'asset'): Resource {
  const { account, form } = request;
  const file = account.make<Resource>(kind, {
    service_sid: findService(request).sid,
    friendly_name: form['FriendlyName'],
  });
  account.serverless[`${kind}s`].push(file);
  return file;
}

function upload(request: ApiRequest, kind: 'function' | 'asset'): Resource | undefined {
  const { account, sids, form, contentType } = request;
  const fileSid = sids[kind === 'function' ? 'FunctionSid' : 'AssetSid'];
  if (!account.serverless[`${kind}s`].some(({ sid }) => sid === fileSid)) return undefined;
  const version = account.make<Resource>(`${kind}_version`, {
    service_sid: findService(request).sid,
    [`${kind}_sid`]: fileSid,
    path: form['Path'],
    visibility: form['Visibility'],
  });
  account.serverless[`${kind}Versions`].push(version);
  const bytes = Buffer.from(first(form['Content']) ?? '', 'latin1');
  account.serverless.contents.set(version.sid, { bytes, type: contentType ?? 'application/octet-stream' });
  return version;
}

function pickVersions(
  request: ApiRequest,
  kind: 'functionVersions' | 'assetVersions',
  sids: string | string[] = [],
): Resource[] {
  return [sids].flat().map((versionSid) => {
    const version = inService(request, kind).find(({ sid }) => sid === versionSid);
    if (!version) throw new ApiError(400, 20001, `Version ${versionSid} was not found`);
    return version;
  });
}

function parseRuntime(runtime: string): string {
  if (/^node(18|20|22)$/.test(runtime)) return runtime;
  throw new ApiError(400, 20001, `Runtime ${runtime} is not supported`);
}

import type { Account, Resource } from './account';
import { deploy } from './builds';

export interface Project {
  uniqueName?: string;
  /** By path, e.g. `/sms`. The code is what an upload would hold: one CommonJS file. */
  functions?: Record<string, { code: string; visibility?: 'public' | 'protected' | 'private' }>;
  /** By path, e.g. `/sms-unavailable.xml`. */
  assets?: Record<
    string,
    { content: string; type?: string; visibility?: 'public' | 'protected' | 'private' }
  >;
  variables?: Record<string, string>;
  runtime?: string;
}

export interface DeployedProject {
  service: Resource;
  environment: Resource;
  build: Resource;
  /** e.g. `fikiri-twilio-functions-1234.twil.io`. */
  domain: string;
}

/** Puts a project online in its production environment, as a deployment by the toolkit leaves it. */
export function deployProject(account: Account, project: Project): DeployedProject {
  const { serverless } = account;
  const uniqueName = project.uniqueName ?? 'fikiri-twilio-functions';
  const service =
    serverless.services.find(({ unique_name }) => unique_name === uniqueName) ??
    keep(serverless.services, account, 'service', {
      unique_name: uniqueName,
      friendly_name: uniqueName,
      include_credentials: true,
      ui_editable: false,
      domain_base: `${uniqueName}-1234`,
    });
  const service_sid = service.sid;
  const environment =
    serverless.environments.find(
      (one) => one['service_sid'] === service_sid && one['domain_suffix'] === null,
    ) ??
    keep(serverless.environments, account, 'environment', {
      service_sid,
      unique_name: 'production',
      domain_name: `${service['domain_base']}.twil.io`,
    });

  const functionVersions = Object.entries(project.functions ?? {}).map(([path, { code, visibility }]) =>
    upload('function', path, visibility ?? 'protected', code, 'application/javascript'),
  );
  const assetVersions = Object.entries(project.assets ?? {}).map(([path, { content, type, visibility }]) =>
    upload('asset', path, visibility ?? 'public', content, type ?? 'application/xml'),
  );
  for (const [key, value] of Object.entries(project.variables ?? {})) {
    const known = serverless.variables.find(
      (variable) => variable['environment_sid'] === environment.sid && variable['key'] === key,
    );
    if (known) known['value'] = value;
    else {
      const variable = { service_sid, environment_sid: environment.sid, key, value };
      keep(serverless.variables, account, 'variable', variable);
    }
  }
  const build = keep(serverless.builds, account, 'build', {
    service_sid,
    status: 'completed',
    function_versions: functionVersions,
    asset_versions: assetVersions,
    dependencies: [],
    runtime: project.runtime ?? 'node22',
  });
  deploy(account, environment, build);
  return { service, environment, build, domain: String(environment['domain_name']) };

  function upload(
    kind: 'function' | 'asset',
    path: string,
    visibility: string,
    content: string,
    type: string,
  ): Resource {
    const file =
      serverless[`${kind}s`].find(
        (one) => one['service_sid'] === service_sid && one['friendly_name'] === path,
      ) ?? keep(serverless[`${kind}s`], account, kind, { service_sid, friendly_name: path });
    const properties = { service_sid, [`${kind}_sid`]: file.sid, path, visibility };
    const version = keep(serverless[`${kind}Versions`], account, `${kind}_version`, properties);
    serverless.contents.set(version.sid, { bytes: Buffer.from(content), type });
    return version;
  }
}

function keep(list: Resource[], account: Account, schemaName: string, properties: object): Resource {
  const resource = account.make<Resource>(schemaName, properties);
  list.push(resource);
  return resource;
}

import type { Twilio } from 'twilio';
import { name as SERVICE_NAME } from '../../package.json';
import { OperatorError } from '../errors';

/** What hosts the Functions; .twilioserverlessrc asks for it. */
export const RUNTIME = 'node22';

/** What is online in the production environment. */
export interface Deployment {
  serviceSid: string;
  environmentSid: string;
  domain: string;
  /** When something was first deployed: texts before that went elsewhere. */
  firstAt: Date;
  buildSid: string;
  builtAt: Date;
  runtime: string;
  functions: DeployedFunction[];
  /** Paths, such as `/sms-unavailable.xml`. */
  assets: string[];
}

interface DeployedFunction {
  path: string;
  visibility: string;
  sid: string;
}

/** What the first deployment puts online; four digits of the domain are Twilio's choice. */
export const DEPLOYMENT_TO_COME = {
  domain: `${SERVICE_NAME}-….twil.io`,
  assets: ['/sms-unavailable.xml', '/voice-unavailable.xml'],
};

/** The Serverless service, found by its name: the same from any machine, whatever .twiliodeployinfo says. */
export async function findService(client: Twilio): Promise<string | undefined> {
  const services = await client.serverless.v1.services.list();
  return services.find(({ uniqueName }) => uniqueName === SERVICE_NAME)?.sid;
}

/** Creates the service as twilio-run would. */
export async function createService(client: Twilio): Promise<string> {
  const names = { uniqueName: SERVICE_NAME, friendlyName: SERVICE_NAME };
  return (await client.serverless.v1.services.create({ ...names, includeCredentials: true })).sid;
}

/** What is online, or undefined where nothing is. Production is the environment without a domain suffix. */
export async function findDeployment(client: Twilio): Promise<Deployment | undefined> {
  const serviceSid = await findService(client);
  if (!serviceSid) return undefined;
  const service = client.serverless.v1.services(serviceSid);
  const environment = (await service.environments.list()).find(({ domainSuffix }) => !domainSuffix);
  if (!environment?.buildSid) return undefined;

  const build = await service.builds(environment.buildSid).fetch();
  return {
    serviceSid,
    environmentSid: environment.sid,
    domain: environment.domainName,
    firstAt: environment.dateCreated,
    buildSid: build.sid,
    builtAt: build.dateCreated,
    runtime: build.runtime,
    functions: build.functionVersions.map(({ path = '', visibility = '', function_sid: sid = '' }) => {
      return { path, visibility, sid };
    }),
    assets: build.assetVersions.map(({ path = '' }) => path),
  };
}

/** What is online. Throws OperatorError where nothing is. */
export async function requireDeployment(client: Twilio): Promise<Deployment> {
  const deployment = await findDeployment(client);
  if (deployment) return deployment;
  throw new OperatorError(
    `Nothing is deployed: there is no "${SERVICE_NAME}" in this account. Run: npm run deploy`,
  );
}

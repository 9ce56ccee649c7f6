import { GREETING } from '../../inbound/receive-call';
import { type Deployment, RUNTIME } from '../find-deployment';
import { inTwiml } from '../in-twiml';
import { EXAMPLE_SENDER, makeCallForm } from '../inbound-form';
import type { Operator } from '../operator';
import { DAY_MS } from '../period';
import { postWebhook } from '../post-webhook';
import { type Finding, finding, right } from './finding';

/** The build that is live, and whether its Functions answer Twilio and nobody else. */
export async function checkFunctions(operator: Operator, deployment: Deployment): Promise<Finding[]> {
  const { domain, buildSid, builtAt, runtime, functions } = deployment;
  const days = Math.floor((operator.now().getTime() - builtAt.getTime()) / DAY_MS);
  const findings = [
    right('service', `https://${domain}`),
    right('build', `${buildSid}, ${days} day(s) old`),
    finding(runtime === RUNTIME, 'runtime', runtime, `Twilio retires old runtimes. Run: npm run deploy`),
  ];
  for (const path of ['/sms', '/voice']) {
    const visibility = functions.find((each) => each.path === path)?.visibility ?? 'missing';
    const isProtected = visibility === 'protected';
    const remedy =
      visibility === 'missing'
        ? 'Twilio gets 404 there. Run: npm run deploy'
        : 'Anyone can forge a text or a call. Run: npm run deploy, or npm run attach -- --direct at once';
    findings.push(finding(isProtected, `${path} in the build`, visibility, remedy));
    // An unprotected /sms would deliver the probe to Fikiri.
    if (isProtected) findings.push(await checkUnsigned(operator, `https://${domain}${path}`, path));
  }
  if (functions.some(({ path }) => path === '/voice')) findings.push(await checkGreeting(operator, domain));
  return findings;
}

async function checkUnsigned({ http }: Operator, url: string, path: string): Promise<Finding> {
  const { status } = await postWebhook(http, url, {});
  // The documentation says 400, others saw 403.
  const isRefused = status === 400 || status === 401 || status === 403;
  const remedy =
    'Twilio does not check signatures there: anyone can forge. Run: npm run attach -- --direct at once';
  return finding(isRefused, `${path} unsigned`, `answered ${status}`, remedy);
}

async function checkGreeting({ http, accountSid, authToken }: Operator, domain: string): Promise<Finding> {
  const form = makeCallForm({ accountSid, from: EXAMPLE_SENDER, to: EXAMPLE_SENDER });
  const { status, body } = await postWebhook(http, `https://${domain}/voice`, form, authToken);
  const subject = '/voice signed';
  if (status !== 200 || !body.includes('<Say')) {
    const saw = `answered ${status} without a greeting`;
    return { level: 'wrong', subject, saw, remedy: 'Callers hear an error. See: npm run logs' };
  }
  if (body.includes(inTwiml(GREETING))) return right(subject, 'answered the greeting');
  const remedy = 'Callers hear that of the build that is live. To put this one online: npm run deploy';
  return { level: 'note', subject, saw: "answered another greeting than this folder's", remedy };
}

import type { Deployment } from '../find-deployment';
import { findTraffic } from '../missing-messages';
import type { Operator } from '../operator';
import { parsePeriod } from '../period';
import { type Finding, finding, right } from './finding';

/** The rest is shown by replay. */
const MOST_SIDS = 10;

/** The last 24 hours: whether every text that reached the number reached Fikiri. */
export async function checkTraffic(operator: Operator, deployment: Deployment): Promise<Finding[]> {
  const period = parsePeriod('24h', undefined, operator.now());
  const { received, failed, delivered, missing } = await findTraffic(operator, deployment, period, true);
  const counts = `${received.size} received, ${delivered.size} delivered, ${failed.size} failed at first`;
  if (missing.length === 0) return [right('last 24 h', `${counts}, none missing`)];
  const sids = missing.slice(0, MOST_SIDS).map(({ messageSid }) => messageSid);
  if (missing.length > MOST_SIDS) sids.push('…');
  const saw = `${counts}, ${missing.length} missing: ${sids.join(' ')}`;
  const remedy = 'Look at them: npm run replay -- --reconcile --dry-run. Then the same without --dry-run';
  return [finding(false, 'last 24 h', saw, remedy)];
}

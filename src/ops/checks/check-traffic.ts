import type { Deployment } from '../find-deployment';
import { findTraffic } from '../missing-messages';
import type { Operator } from '../operator';
import { parsePeriod } from '../period';
import { type Finding, finding } from './finding';

/** The last 24 hours: whether every text that reached the number reached Fikiri. */
export async function checkTraffic(operator: Operator, deployment: Deployment): Promise<Finding[]> {
  const period = parsePeriod('24h', undefined, operator.now());
  const { received, failed, delivered, missing } = await findTraffic(operator, deployment, period, true);
  const counts = `${received.size} received, ${delivered.size} delivered, ${failed.size} failed at first`;
  const sids = missing.map(({ messageSid }) => messageSid).join(' ');
  const saw =
    missing.length === 0 ? `${counts}, none missing` : `${counts}, ${missing.length} missing: ${sids}`;
  return [finding(missing.length === 0, 'last 24 h', saw, 'Run: npm run replay -- --reconcile')];
}

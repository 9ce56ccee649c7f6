import type { LogPage } from 'twilio/lib/rest/serverless/v1/service/environment/log';
import type { Deployment } from './find-deployment';
import type { Operator } from './operator';
import type { Period } from './period';

/** The Logs API allows 5 requests a second. */
const PAUSE_MS = 200;

/** The Logs API gives no more rows than this for one query; what is over is not said. */
const MAX_ROWS = 10_000;

/** MessageSids that Fikiri has, by the `sms delivered` lines in the Function's log: the ledger of what arrived. */
export async function readDelivered(
  { client, sleep }: Operator,
  deployment: Deployment,
  period: Period,
): Promise<Set<string>> {
  const { serviceSid, environmentSid, functions } = deployment;
  const { logs } = client.serverless.v1.services(serviceSid).environments(environmentSid);
  const functionSid = functions.find(({ path }) => path === '/sms')?.sid;
  const delivered = new Set<string>();

  const read = async ({ since: startDate, until: endDate }: Period): Promise<void> => {
    let rows = 0;
    let page: Pick<LogPage, 'instances' | 'nextPage'> | undefined;
    page = await logs.page({ ...(functionSid && { functionSid }), startDate, endDate, pageSize: 1000 });
    while (page) {
      rows += page.instances.length;
      for (const { message } of page.instances) {
        const [, messageSid] = /^sms delivered sid=((?:SM|MM)[0-9a-f]{32}) /.exec(message) ?? [];
        if (messageSid) delivered.add(messageSid);
      }
      await sleep(PAUSE_MS);
      page = await page.nextPage();
    }
    const middle = new Date((startDate.getTime() + endDate.getTime()) / 2);
    if (rows < MAX_ROWS || middle <= startDate) return;
    await read({ since: startDate, until: middle });
    await read({ since: middle, until: endDate });
  };

  await read(period);
  return delivered;
}

import type { LogPage } from 'twilio/lib/rest/serverless/v1/service/environment/log';
import type { Deployment } from './find-deployment';
import type { Operator } from './operator';
import type { Period } from './period';

/** The Logs API allows 5 requests a second. */
const PAUSE_MS = 200;

/** The Logs API gives no more rows than this for one query; that there are more is not said. */
const MAX_ROWS = 10_000;

/** Lines appear some seconds after they are printed, and this machine's clock is not Twilio's. */
const MARGIN_MS = 5 * 60_000;

/** A shorter period is not narrowed: in so little time 30 invocations at once do not print 10,000 lines. */
const SHORTEST_MS = 4000;

/** MessageSids that Fikiri has, by the `sms delivered` lines in the Function's log: the ledger of what arrived. */
export async function readDelivered(
  { client, now, sleep }: Operator,
  deployment: Deployment,
  since: Date,
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
    const lengthMs = endDate.getTime() - startDate.getTime();
    if (rows < MAX_ROWS || lengthMs < SHORTEST_MS) return;
    // The halves overlap: "after" and "before" a date may leave out the second itself.
    const halfMs = lengthMs / 2 + 1000;
    await read({ since: startDate, until: new Date(startDate.getTime() + halfMs) });
    await read({ since: new Date(endDate.getTime() - halfMs), until: endDate });
  };

  await read({
    since: new Date(since.getTime() - MARGIN_MS),
    until: new Date(now().getTime() + MARGIN_MS),
  });
  return delivered;
}

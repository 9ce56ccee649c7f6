import { requireDeployment } from '../../src/ops/find-deployment';
import { findTraffic } from '../../src/ops/missing-messages';
import { parsePeriod } from '../../src/ops/period';
import { NUMBER, openScene, type Scene, SENDER, sidsOf } from '../support/replay-scene';
import type { Alert } from '../support/stand-in-twilio';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

const sidOf = (number: number) => `SM${number.toString(16).padStart(32, '0')}`;
const ago = (ms: number) => new Date(scene.operator.now().getTime() - ms).toISOString().replace('.000', '');

/** An alert of `/sms`, five minutes old. */
function addAlert(properties: Partial<Alert> = {}) {
  return scene.twilio.addAlert({
    resource_sid: sidOf(1),
    request_url: `https://${scene.project.domain}/sms`,
    date_generated: ago(5 * MINUTE_MS),
    ...properties,
  });
}

async function find({ since = '24h', until = undefined as string | undefined, reconcile = false } = {}) {
  const deployment = await requireDeployment(scene.operator.client);
  const period = parsePeriod(since, until, scene.operator.now());
  return findTraffic(scene.operator, deployment, period, reconcile);
}

const findSids = async (options?: Parameters<typeof find>[0]) => sidsOf((await find(options)).missing);

describe('a missing text', () => {
  it('is one that failed and has not arrived since', async () => {
    scene.fikiri.mode = 'forbidden';
    const lost = await scene.text();
    scene.fikiri.mode = 'up';
    const arrived = await scene.text();
    scene.pass(2 * MINUTE_MS);
    const { received, failed, delivered, missing } = await find();
    expect([...received].sort()).toEqual([lost.messageSid, arrived.messageSid].sort());
    expect([...failed.keys()]).toEqual([lost.messageSid]);
    expect([...delivered]).toEqual([arrived.messageSid]);
    expect(missing).toEqual([
      {
        messageSid: lost.messageSid,
        alertSid: scene.twilio.alerts.find(({ error_code }) => error_code === '11200')?.sid,
        receivedAt: new Date('2026-11-22T12:00:00Z'),
      },
    ]);
  });

  it("is none that Twilio's own retry delivered, or that arrived in spite of its alert", async () => {
    // As when Fikiri took the text, and Twilio could not make use of what it answered.
    const { messageSid } = await scene.text();
    addAlert({ resource_sid: messageSid, error_code: '12100' });
    scene.fikiri.failsOnce = 403;
    const retried = await scene.text();
    expect(retried.attempts.map(({ status }) => status)).toEqual([502, 200]);
    scene.pass(2 * MINUTE_MS);
    expect(await findSids()).toEqual([]);
    expect(await findSids({ reconcile: true })).toEqual([]);
  });

  it('is one, however many alerts it has; the first counts', async () => {
    const first = addAlert({ date_generated: ago(20 * MINUTE_MS) });
    addAlert({ date_generated: ago(10 * MINUTE_MS), error_code: '11205' });
    addAlert();
    expect((await find()).missing).toMatchObject([{ messageSid: sidOf(1), alertSid: first.sid }]);
  });

  it.each(['11200', '11205', '11750', '12100', '12300'])(
    'can have failed with error %s',
    async (error_code) => {
      addAlert({ error_code });
      expect(await findSids()).toEqual([sidOf(1)]);
    },
  );

  it('can be an MMS', async () => {
    const resource_sid = sidOf(1).replace('SM', 'MM');
    addAlert({ resource_sid });
    expect(await findSids()).toEqual([resource_sid]);
  });

  it('can have been asked for with a fragment or a query in the URL', async () => {
    addAlert({ request_url: `https://${scene.project.domain}/sms#rc=1&rp=ct,rt,5xx` });
    addAlert({ resource_sid: sidOf(2), request_url: `https://${scene.project.domain}/sms?a=b` });
    expect(await findSids()).toEqual([sidOf(1), sidOf(2)]);
  });

  it('is none of other URLs, services and calls, and no alert of a printed line', async () => {
    const { domain } = scene.project;
    for (const request_url of [
      `https://${domain}/voice`,
      `https://${domain}/sms-unavailable.xml`,
      `https://${domain}/sms/2`,
      `http://${domain}/sms`,
      `https://${domain.replace('.', '-dev.')}/sms`,
      'https://other-1234.twil.io/sms',
      'https://api.fikiri.example/sms',
      null,
    ]) {
      addAlert({ request_url });
    }
    addAlert({ resource_sid: `CA${'0'.repeat(32)}` });
    addAlert({ resource_sid: null });
    addAlert({ error_code: '82004' });
    addAlert({ error_code: '82005' });
    expect(await findSids({ reconcile: true })).toEqual([]);
  });

  it('has failed or come in the period, and settled for a minute', async () => {
    addAlert({ resource_sid: sidOf(1), date_generated: ago(59_000) });
    addAlert({ resource_sid: sidOf(2), date_generated: ago(60_000) });
    addAlert({ resource_sid: sidOf(3), date_generated: ago(DAY_MS - 1000) });
    addAlert({ resource_sid: sidOf(4), date_generated: ago(DAY_MS + 1000) });
    expect(await findSids()).toEqual([sidOf(3), sidOf(2)]);
    expect(await findSids({ since: '2m', until: '1m' })).toEqual([sidOf(2)]);
    expect(await findSids({ since: '2d', until: '23h' })).toEqual([sidOf(4), sidOf(3)]);
  });

  it('is also found past 1,000 alerts of others', async () => {
    addAlert();
    for (let number = 0; number < 2100; number += 1) addAlert({ request_url: 'https://elsewhere.example/' });
    expect(await findSids()).toEqual([sidOf(1)]);
    expect(scene.twilio.requests.filter(({ path }) => path === '/v1/Alerts')).toHaveLength(3);
  });
});

it('looks at what was delivered last: nothing that arrives meanwhile is missing', async () => {
  await find({ reconcile: true });
  const read = scene.twilio.requests.map(({ path }) => path.split('/').at(-1));
  expect(read.slice(-3)).toEqual(['Alerts', 'Messages.json', 'Logs']);
});

describe('reconciling', () => {
  const addMessage = (properties: object) =>
    scene.twilio.addMessage({ from: SENDER, to: NUMBER, date_sent: rfc2822(5 * MINUTE_MS), ...properties })
      .sid;
  const rfc2822 = (agoMs: number) => new Date(ago(agoMs)).toUTCString().replace('GMT', '+0000');

  beforeEach(() => {
    // The first deployment was ten days ago.
    const [environment] = scene.twilio.serverless.environments;
    if (environment) environment['date_created'] = ago(10 * DAY_MS);
  });

  it('also finds what no alert tells of', async () => {
    const sid = addMessage({});
    expect(await findSids()).toEqual([]);
    expect((await find({ reconcile: true })).missing).toEqual([
      { messageSid: sid, alertSid: undefined, receivedAt: new Date('2026-11-22T11:55:00Z') },
    ]);
  });

  it('leaves alone what is outbound, to other numbers, or from before the first deployment', async () => {
    addMessage({ direction: 'outbound-reply' });
    addMessage({ direction: 'outbound-api' });
    addMessage({ to: '+14155550999' });
    addMessage({ date_sent: rfc2822(10 * DAY_MS + 1000) });
    const first = addMessage({ date_sent: rfc2822(10 * DAY_MS - 1000) });
    expect(await findSids({ since: '30d', reconcile: true })).toEqual([first]);
  });

  it('finds the texts to every number of PHONE_NUMBER', async () => {
    scene.operator.variables = { PHONE_NUMBER: `${NUMBER},+14155550999` };
    const sids = [addMessage({}), addMessage({ to: '+14155550999' })];
    expect(await findSids({ reconcile: true })).toEqual(sids);
  });

  it('takes what came in the period, whatever Twilio makes of its days', async () => {
    addMessage({ date_sent: rfc2822(59_000) });
    addMessage({ date_sent: rfc2822(DAY_MS + 1000) });
    const sids = [addMessage({ date_sent: rfc2822(DAY_MS) }), addMessage({ date_sent: rfc2822(60_000) })];
    expect(await findSids({ reconcile: true })).toEqual(sids);
    const { params } = scene.twilio.requests.find(({ path }) => path.endsWith('/Messages.json')) ?? {};
    expect(params).toMatchObject({
      'DateSent>': '2026-11-20T12:00:00Z',
      'DateSent<': '2026-11-23T11:59:00Z',
    });
  });

  it('uses the alert of a text whose failure is not settled yet', async () => {
    const sid = addMessage({ date_sent: rfc2822(65_000) });
    const alert = addAlert({ resource_sid: sid, date_generated: ago(50_000) });
    expect((await find({ reconcile: true })).missing).toMatchObject([
      { messageSid: sid, alertSid: alert.sid },
    ]);
  });

  it('reads the messages to the end', async () => {
    for (let number = 0; number < 2100; number += 1) addMessage({});
    expect(await findSids({ reconcile: true })).toHaveLength(2100);
  });
});

describe('the order of missing texts', () => {
  it('is that in which Twilio received them, though alerts come in the order of failure', async () => {
    const sids = [3, 2, 1].map((minutes) => {
      const at = new Date(ago(minutes * 10 * MINUTE_MS)).toUTCString().replace('GMT', '+0000');
      return scene.twilio.addMessage({ from: SENDER, to: NUMBER, date_sent: at }).sid;
    });
    for (const resource_sid of sids.toReversed()) addAlert({ resource_sid });
    expect(await findSids()).toEqual(sids);
    expect(await findSids({ reconcile: true })).toEqual(sids);
    // The list has told the times: none is asked for one by one.
    expect(scene.twilio.requests.filter(({ path }) => path.includes('/Messages/'))).toEqual([]);
  });

  it('is that of arrival within one second', async () => {
    const sids = Array.from({ length: 20 }, () => scene.twilio.addMessage({ from: SENDER, to: NUMBER }).sid);
    for (const resource_sid of sids.toSorted()) addAlert({ resource_sid });
    scene.pass(2 * MINUTE_MS);
    expect(await findSids()).toEqual(sids);
    expect(await findSids({ reconcile: true })).toEqual(sids);
  });

  it('is that of arrival also for texts that came before the period and failed in it', async () => {
    const date_sent = new Date(ago(DAY_MS + 1000)).toUTCString().replace('GMT', '+0000');
    const sids = Array.from(
      { length: 20 },
      () => scene.twilio.addMessage({ from: SENDER, to: NUMBER, date_sent }).sid,
    );
    for (const resource_sid of sids.toSorted())
      addAlert({ resource_sid, date_generated: ago(DAY_MS - 1000) });
    expect(await findSids()).toEqual(sids);
  });

  it('goes by the time of the first alert for a text that is no longer among the messages', async () => {
    addAlert({ resource_sid: sidOf(1), date_generated: ago(10 * MINUTE_MS) });
    addAlert({ resource_sid: sidOf(2), date_generated: ago(30 * MINUTE_MS) });
    addAlert({ resource_sid: sidOf(2), date_generated: ago(2 * MINUTE_MS) });
    expect(await findSids()).toEqual([sidOf(2), sidOf(1)]);
  });

  it('asks for the time of a text to a number that is not in PHONE_NUMBER', async () => {
    const date_sent = new Date(ago(60 * MINUTE_MS)).toUTCString().replace('GMT', '+0000');
    const { sid } = scene.twilio.addMessage({ from: SENDER, to: '+14155550999', date_sent });
    addAlert({ resource_sid: sid });
    expect((await find()).missing).toMatchObject([{ receivedAt: new Date('2026-11-22T11:00:00Z') }]);
  });

  it('goes by the time at which it was created, where Twilio gives none of sending', async () => {
    const date_created = new Date(ago(60 * MINUTE_MS)).toUTCString().replace('GMT', '+0000');
    const { sid } = scene.twilio.addMessage({ from: SENDER, to: NUMBER, date_sent: null, date_created });
    addAlert({ resource_sid: sid });
    expect((await find()).missing).toMatchObject([{ receivedAt: new Date('2026-11-22T11:00:00Z') }]);
  });
});

import { replayCommand } from '../../src/ops/commands/replay';
import { requireDeployment } from '../../src/ops/find-deployment';
import type { MissingMessage } from '../../src/ops/missing-messages';
import { postWebhook } from '../../src/ops/post-webhook';
import { type ReplayStep, replay } from '../../src/ops/replay-messages';
import { captureOutput } from '../support/operator';
import { NUMBER, openScene, type Scene, SENDER } from '../support/replay-scene';

const OTHER = '+14155550124';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

/** Texts that Fikiri refused at first, a second apart; afterwards it is up. */
async function lose(...texts: Parameters<Scene['text']>[0][]) {
  scene.fikiri.mode = 'forbidden';
  const lost = [];
  for (const text of texts) {
    lost.push(await scene.text(text));
    scene.pass(1000);
  }
  scene.fikiri.mode = 'up';
  scene.pass(60_000);
  return lost;
}

/** A replay of these texts; `onStep` is called after each step. */
async function run(
  lost: { messageSid: string }[],
  onStep: (step: ReplayStep) => unknown = () => {},
  { ratePerMinute = 60, again = false, signal = new AbortController().signal } = {},
): Promise<string[]> {
  const { operator, twilio } = scene;
  const messages = lost.map(({ messageSid }): MissingMessage => {
    const alert = twilio.alerts.find(({ resource_sid }) => resource_sid === messageSid);
    return { messageSid, alertSid: alert?.sid, receivedAt: operator.now() };
  });
  const deployment = await requireDeployment(operator.client);
  const steps: string[] = [];
  for await (const step of replay(operator, deployment, messages, { ratePerMinute, again, signal })) {
    steps.push([step.outcome, step.reason].filter(Boolean).join(': '));
    await onStep(step);
  }
  return steps;
}

const bodies = () => scene.fikiri.accepted.map((form) => form['Body']);

/** Delivers a text as another replay does. */
function deliverElsewhere({ form }: { form: Record<string, string> }) {
  const { operator, project } = scene;
  return postWebhook(scene.twilio.httpClient(), `https://${project.domain}/sms`, form, operator.authToken);
}

describe('a replay', () => {
  it('delivers what failed through the deployed /sms, with the parameters that Twilio first sent', async () => {
    const [lost] = await lose({ body: 'a & b', OptOutType: 'STOP', FromCity: '' });
    expect(await run([lost as never])).toEqual(['delivered']);
    expect(scene.fikiri.accepted).toEqual([lost?.form]);
    expect(scene.twilio.serverless.logs.at(-1)?.message).toMatch(`sms delivered sid=${lost?.messageSid} `);
  });

  it.each([
    [1, 60_000],
    [60, 1000],
    [90, 60_000 / 90],
  ])('posts at most %d a minute', async (ratePerMinute, spacingMs) => {
    const lost = await lose({ body: '1' }, { body: '2' }, { body: '3' });
    await run(lost, undefined, { ratePerMinute });
    const [first = 0, second = 0, third = 0] = scene.posts;
    expect([second - first, third - second]).toEqual([
      expect.closeTo(spacingMs, 3),
      expect.closeTo(spacingMs, 3),
    ]);
  });

  it('keeps its pace when deliveries are slow: it does not catch up', async () => {
    const lost = await lose({ body: '1' }, { body: '2' }, { body: '3' });
    await run(lost, () => scene.pass(5000));
    const [first = 0, second = 0, third = 0] = scene.posts;
    expect(second - first).toBeGreaterThanOrEqual(5000);
    expect(third - second).toBeGreaterThanOrEqual(1000);
  });

  it('delivers STOP and START of one sender in the order in which they came', async () => {
    scene.fikiri.mode = 'forbidden';
    const [stop, start] = await Promise.all(['STOP', 'START'].map((body) => scene.text({ body })));
    scene.fikiri.mode = 'up';
    // Alerts come in the order of failure.
    scene.twilio.alerts.reverse();
    scene.pass(61_000);
    await captureOutput(() => replayCommand([], scene.operator));
    expect(scene.fikiri.accepted).toEqual([stop?.form, start?.form]);
  });

  it('leaves the later texts of a sender behind one that failed, not those of others', async () => {
    const lost = await lose({ body: 'odd' }, { body: 'later' }, { body: 'other', from: OTHER });
    scene.fikiri.refuses = { body: /odd/, status: 404 };
    expect(await run(lost)).toEqual([
      'failed: status_404',
      'left: an earlier text of its sender failed',
      'delivered',
    ]);
    scene.fikiri.refuses = undefined;
    scene.pass(60_000);
    await captureOutput(() => replayCommand([], scene.operator));
    expect(bodies()).toEqual(['other', 'odd', 'later']);
  });

  it.each([400, 413, 415, 422])(
    'lets no text wait for one that Fikiri refuses for good: %i',
    async (status) => {
      const senders = ['1', '2', '3', '4'].map((digit) => `+1415555010${digit}`);
      const lost = await lose(...senders.map((from) => ({ body: 'odd', from })), {
        body: 'later',
        from: String(senders[0]),
      });
      scene.fikiri.refuses = { body: /odd/, status };
      expect(await run(lost)).toEqual([...senders.map(() => `failed: status_${status}`), 'delivered']);
    },
  );

  it('stops after three failures in a row: Fikiri is still down', async () => {
    const lost = await lose(...['1', '2', '3', '4', '5'].map((n) => ({ body: n, from: `+1415555010${n}` })));
    scene.fikiri.mode = 'forbidden';
    const stopped = 'left: stopped after 3 failures in a row';
    expect(await run(lost)).toEqual([...Array(3).fill('failed: status_403'), stopped, stopped]);
    expect(scene.posts).toHaveLength(3);
  });

  it('goes on when failures are not in a row', async () => {
    const lost = await lose(
      ...['odd', 'odd', 'fine', 'odd', 'odd', 'fine'].map((body, index) => ({
        body,
        from: `+1415555010${index}`,
      })),
    );
    scene.fikiri.refuses = { body: /odd/, status: 403 };
    const failed = 'failed: status_403';
    expect(await run(lost)).toEqual([failed, failed, 'delivered', failed, failed, 'delivered']);
  });

  it('says that the deployed /sms itself refused', async () => {
    const lost = await lose({});
    scene.twilio.fail(({ host }) => host.endsWith('.twil.io'), { status: 429 });
    expect(await run(lost)).toEqual(['failed: status 429 of /sms']);
  });

  it('says what the deployed /sms says of a failure that is not of Fikiri', async () => {
    const lost = await lose({});
    const code = `exports.handler = (context, event, callback) =>
      callback(null, new Twilio.Response()
        .setStatusCode(502).setBody('Not delivered to Fikiri: a defect in the Function'));`;
    scene.twilio.deployProject({ functions: { '/sms': { code } } });
    expect(await run(lost)).toEqual(['failed: a defect in the Function']);
  });

  it('says of a text that Twilio no longer has, and goes on', async () => {
    const gone = [1, 2, 3, 4].map((n) => ({ messageSid: `SM${String(n).repeat(32)}` }));
    const lost = await lose({});
    expect(await run([...gone, ...lost])).toEqual([
      ...gone.map(() => 'failed: gone from Twilio'),
      'delivered',
    ]);
  });

  it('delivers nothing that another replay has delivered meanwhile', async () => {
    const lost = await lose({ body: '1' }, { body: '2' }, { body: '3' });
    const steps = await run(lost, async ({ message }) => {
      const [first, second] = lost;
      if (message.messageSid === first?.messageSid && second) await deliverElsewhere(second);
    });
    expect(steps).toEqual(['delivered', 'delivered: by another replay', 'delivered']);
    expect(bodies()).toEqual(['1', '2', '3']);
    expect(scene.posts).toHaveLength(2);
  });

  it('looks at what another replay has delivered just before a text is due', async () => {
    const lost = await lose({ body: '1' }, { body: '2' });
    const [, second] = lost;
    const { sleep } = scene.operator;
    scene.operator.sleep = async (ms) => {
      if (ms > 10_000 && second) await deliverElsewhere(second);
      await sleep(ms);
    };
    const steps = await run(lost, undefined, { ratePerMinute: 1 });
    expect(steps).toEqual(['delivered', 'delivered: by another replay']);
  });

  it('remembers what another has delivered until that text is due', async () => {
    const lost = await lose({ body: '1' }, { body: '2' }, { body: '3' }, { body: '4' });
    const last = lost.at(-1);
    const steps = await run(lost, async () => {
      if (last && scene.posts.length === 1) await deliverElsewhere(last);
      scene.pass(6 * 60_000);
    });
    expect(steps.at(-1)).toBe('delivered: by another replay');
    expect(bodies()).toEqual(['1', '4', '2', '3']);
  });

  it('sees such a delivery too when its log line appears late', async () => {
    const lost = await lose({ body: '1' }, { body: '2' });
    const [, second] = lost;
    if (second) await deliverElsewhere(second);
    const { logs } = scene.twilio.serverless;
    const late = logs.pop();
    scene.pass(30_000);
    const steps = await run(lost, () => {
      if (late && !logs.includes(late)) logs.push(late);
    });
    expect(steps).toEqual(['delivered', 'delivered: by another replay']);
  });

  it('delivers again what arrived before, when told to', async () => {
    const text = await scene.text();
    scene.pass(2000);
    expect(await run([text])).toEqual(['delivered: by another replay']);
    expect(await run([text], undefined, { again: true })).toEqual(['delivered']);
    expect(scene.fikiri.accepted).toMatchObject([
      { MessageSid: text.messageSid },
      { MessageSid: text.messageSid },
    ]);
  });

  it('ends after the text that is on its way when it is interrupted', async () => {
    const lost = await lose({ body: '1' }, { body: '2' }, { body: '3' });
    const interruption = new AbortController();
    let asked = 0;
    const interrupt = () => {
      if (!interruption.signal.aborted) asked = scene.twilio.requests.length;
      interruption.abort();
    };
    const steps = await run(lost, interrupt, { signal: interruption.signal });
    expect(steps).toEqual(['delivered', 'left: interrupted', 'left: interrupted']);
    expect(scene.twilio.requests).toHaveLength(asked);
  });

  it('does not sleep through an interruption', async () => {
    const lost = await lose({ body: '1' }, { body: '2' });
    const interruption = new AbortController();
    scene.onSleep = (ms) => ms > 10_000 && interruption.abort();
    const { sleep } = scene.operator;
    scene.operator.sleep = async (ms) => {
      await sleep(ms);
      if (ms > 10_000) await new Promise(() => {});
    };
    const options = { ratePerMinute: 1, signal: interruption.signal };
    expect(await run(lost, undefined, options)).toEqual(['delivered', 'left: interrupted']);
    expect(bodies()).toEqual(['1']);
  });

  it('asks the ledger at most 5 times a second', async () => {
    const lost = await lose({ body: '1' }, { body: '2' });
    const before = scene.twilio.requests.length;
    await run(lost);
    const queries = scene.twilio.requests.slice(before).filter(({ path }) => path.endsWith('/Logs'));
    expect(scene.slept.filter((ms) => ms === 200)).toHaveLength(queries.length);
    expect(queries).toHaveLength(2);
  });

  it('delivers a picture that only the Messages API knows of', async () => {
    const { sid } = scene.twilio.addMessage({ from: SENDER, to: NUMBER, body: 'Look', num_media: '1' });
    expect(await run([{ messageSid: sid }])).toEqual(['delivered']);
    expect(scene.fikiri.accepted).toMatchObject([
      { MessageSid: sid, Body: 'Look', MediaUrl0: expect.stringContaining('/Media/ME') },
    ]);
  });
});

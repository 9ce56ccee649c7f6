import { replayCommand } from '../../src/ops/commands/replay';
import { captureOutput } from '../support/operator';
import { openScene, type Scene } from '../support/replay-scene';
import type { InboundText } from '../support/stand-in-twilio';

type Sent = Awaited<ReturnType<Scene['text']>>;

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

/** One text from each of ten senders; every fifth sender sends pictures. */
function round(first: number, number: number): Partial<InboundText>[] {
  return Array.from({ length: 10 }, (_, index) => ({
    from: `+1415555${first + index}`,
    body: `Text ${number}: are you open on Sunday? 50 % & more + “é” 👩🏽‍🚀\nThanks`,
    ...(index % 5 === 0 ? { numMedia: 2 } : {}),
    FromCity: `CITY ${index}`,
    OptOutType: ['STOP', 'START'][number % 2],
  }));
}

/** Sends texts as they come to Twilio: all at once, and a second later than those before. */
async function send(texts: Partial<InboundText>[]): Promise<Sent[]> {
  scene.pass(1000);
  return Promise.all(texts.map((text) => scene.text(text)));
}

async function sendOutage(): Promise<Sent[]> {
  const { fikiri } = scene;
  const sent: Sent[] = [];
  const rounds = (from: number, to: number, first = 1000) =>
    Array.from({ length: to - from }, (_, index) => round(first, from + index));

  for (const texts of rounds(0, 1)) sent.push(...(await send(texts)));
  scene.pass(120_000);
  fikiri.mode = 'limited';
  for (const texts of rounds(1, 12)) sent.push(...(await send(texts)));
  fikiri.mode = 'forbidden';
  sent.push(...(await send(rounds(12, 15).flat())));
  await fikiri.goDown();
  sent.push(...(await send(rounds(15, 17).flat())));
  await fikiri.comeBack();
  fikiri.mode = 'busy';
  sent.push(...(await send(rounds(17, 19).flat())));
  fikiri.mode = 'limited';
  scene.pass(60_000);
  sent.push(...(await send(round(2000, 0))));
  scene.pass(60_000);
  return sent;
}

/** Each sender's texts, in order. */
function bySender(forms: Record<string, unknown>[]): Record<string, object[]> {
  const grouped: Record<string, object[]> = {};
  for (const form of forms) {
    const sender = String(form['From']);
    grouped[sender] = [...(grouped[sender] ?? []), form];
  }
  return grouped;
}

it('delivers what 200 texts lost to an outage: each once, whole, in order, at its pace; then nothing', async () => {
  const { fikiri, operator, posts } = scene;
  const sent = await sendOutage();
  const arrived = fikiri.accepted.length;
  expect(sent).toHaveLength(200);

  const dryRun = await captureOutput(async () =>
    expect(await replayCommand(['--dry-run'], operator)).toBe(0),
  );
  expect(posts).toEqual([]);
  expect(dryRun).toContain('80 to replay, of the texts from 2026-11-21T');

  const replayedAt = operator.now().getTime();
  await captureOutput(async () => expect(await replayCommand([], operator)).toBe(0));
  const fakeMs = operator.now().getTime() - replayedAt;
  expect(bySender(fikiri.accepted)).toEqual(bySender(sent.map(({ form }) => form)));
  expect(fikiri.accepted).toHaveLength(200);
  expect(posts).toHaveLength(80);
  const replayed = new Set(fikiri.accepted.slice(arrived).map((form) => form['MessageSid']));
  expect([...replayed]).toEqual(
    sent.map(({ messageSid }) => messageSid).filter((messageSid) => replayed.has(messageSid)),
  );
  for (const [index, at] of posts.entries()) {
    expect((posts[index + 60] ?? Number.POSITIVE_INFINITY) - at).toBeGreaterThanOrEqual(60_000);
  }
  expect(fakeMs).toBeLessThan(85_000);

  scene.pass(60_000);
  expect(await captureOutput(() => replayCommand(['--reconcile'], operator))).toContain('0 to replay');
  expect(fikiri.accepted).toHaveLength(200);
}, 60_000);

it('finds with --reconcile what no alert tells of, and rebuilds it', async () => {
  const { fikiri, operator, twilio } = scene;
  const sent = await send(round(1000, 0));
  fikiri.mode = 'forbidden';
  for (const number of [1, 2, 3]) sent.push(...(await send(round(1000, number))));
  fikiri.mode = 'up';
  scene.pass(60_000);
  twilio.alerts.length = 0;
  expect(await captureOutput(() => replayCommand([], operator))).toContain('0 to replay');
  expect(await captureOutput(() => replayCommand(['--reconcile'], operator))).toContain('30 to replay');

  // All that the Messages API knows.
  const comparable = (form: Record<string, unknown>) => {
    const { FromCity, FromCountry, FromState, FromZip, OptOutType, ...known } = form;
    const { ToCity, ToCountry, ToState, ToZip, ...rest } = known;
    return rest;
  };
  expect(bySender(fikiri.accepted.slice(10))).toEqual(
    bySender(sent.slice(10).map(({ form }) => comparable(form))),
  );
  expect(fikiri.accepted[10]).toMatchObject({
    NumMedia: '2',
    MediaUrl1: expect.stringMatching(/\/Media\/ME/),
  });
  expect(await captureOutput(() => replayCommand(['--reconcile'], operator))).toContain('0 to replay');
});

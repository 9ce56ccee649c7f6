import { UsageError } from '../../src/errors';
import { replayCommand } from '../../src/ops/commands/replay';
import { captureOutput, openTestOperator } from '../support/operator';
import { NUMBER, openScene, type Scene, SENDER } from '../support/replay-scene';
import { startStandInTwilio } from '../support/stand-in-twilio';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

/** Runs the command. Its error's message stands where the exit code would. */
async function run(...args: string[]): Promise<{ code: number | string; lines: string[] }> {
  let code: number | string = '';
  const output = await captureOutput(async () => {
    try {
      code = await replayCommand(args, scene.operator);
    } catch (error) {
      code = (error as Error).message;
    }
  });
  return { code, lines: output.split('\n') };
}

/** Texts of several senders that Fikiri refused, a minute apart; then it is up. */
async function lose(...bodies: string[]) {
  scene.fikiri.mode = 'forbidden';
  const lost = [];
  for (const [index, body] of bodies.entries()) {
    lost.push(await scene.text({ body, from: `+1415555010${index}` }));
    scene.pass(60_000);
  }
  scene.fikiri.mode = 'up';
  scene.pass(1000);
  return lost;
}

const LAST_MINUTE = 'Texts of the last minute are left out: they may still be on their way.';
const bodies = () => scene.fikiri.accepted.map((form) => form['Body']);
const summary = (delivered: number, failed: number, left: number) => [
  `delivered ${String(delivered).padStart(5)}`,
  `failed    ${String(failed).padStart(5)}`,
  `left      ${String(left).padStart(5)}`,
];

describe('npm run replay', () => {
  it('delivers what failed, prints a line for each and the sums, and finds nothing the second time', async () => {
    const [first, second] = await lose('1', '2');
    expect(await run()).toEqual({
      code: 0,
      lines: [
        '2 to replay, of the texts from 2026-11-21T12:02:01Z to 2026-11-22T12:01:01Z',
        `delivered ${first?.messageSid} 2026-11-22T12:00:00Z`,
        `delivered ${second?.messageSid} 2026-11-22T12:01:00Z`,
        ...summary(2, 0, 0),
      ],
    });
    expect(bodies()).toEqual(['1', '2']);
    const again = await run();
    expect(again).toEqual({ code: 0, lines: [expect.stringContaining('0 to replay'), LAST_MINUTE] });
    expect(scene.posts).toHaveLength(2);
  });

  it('only lists them with --dry-run, and whether an alert has their form', async () => {
    const [first] = await lose('1', '2');
    scene.twilio.alerts.splice(
      scene.twilio.alerts.findIndex(({ resource_sid }) => resource_sid === first?.messageSid),
      1,
    );
    const { code, lines } = await run('--dry-run', '--reconcile');
    expect(code).toBe(0);
    expect(lines.slice(1)).toEqual([
      `left      ${first?.messageSid} 2026-11-22T12:00:00Z dry run: rebuilt`,
      expect.stringMatching(/^left {6}SM\w{32} 2026-11-22T12:01:00Z dry run: has alert$/),
      ...summary(0, 0, 2),
      '              1 × dry run: rebuilt',
      '              1 × dry run: has alert',
    ]);
    expect(scene.posts).toEqual([]);
  });

  it('takes those of the time between --since and --until', async () => {
    await lose('1', '2', '3');
    expect((await run('--since', '150s')).code).toContain('--since "150s" is not a time');
    await run('--since', '2026-11-22T12:00:30Z', '--until', '2026-11-22T12:01:30Z');
    expect(bodies()).toEqual(['2']);
    await run('--since', '30d', '--until', '3m');
    expect(bodies()).toEqual(['2', '1']);
  });

  it('looks 24 hours back unless told otherwise', async () => {
    await lose('1');
    scene.pass(24 * 60 * 60_000);
    expect((await run()).lines[0]).toContain('0 to replay');
    expect((await run('--since', '25h')).lines[0]).toContain('1 to replay');
  });

  it('says what failed and why, what is left, and exits 1', async () => {
    const lost = await lose('1', '2', '3', '4', '5');
    scene.fikiri.mode = 'forbidden';
    const { code, lines } = await run();
    expect(code).toBe(1);
    expect(lines.slice(3)).toEqual([
      `failed    ${lost[2]?.messageSid} 2026-11-22T12:02:00Z status_403`,
      `left      ${lost[3]?.messageSid} 2026-11-22T12:03:00Z stopped after 3 failures in a row`,
      `left      ${lost[4]?.messageSid} 2026-11-22T12:04:00Z stopped after 3 failures in a row`,
      ...summary(0, 3, 2).flatMap((row) => {
        if (row.startsWith('failed')) return [row, '              3 × status_403'];
        if (row.startsWith('left')) return [row, '              2 × stopped after 3 failures in a row'];
        return [row];
      }),
      'Run it again when the reasons are mended: it goes on from there.',
    ]);
  });

  it.each([
    [['--rate', '2'], 30_000],
    [['--rate', '90'], 60_000 / 90],
    [[], 1000],
  ])('is as fast as %j says', async (args, spacingMs) => {
    await lose('1', '2');
    await run(...args);
    const [first = 0, second = 0] = scene.posts;
    expect(second - first).toBeCloseTo(spacingMs);
  });

  it('prints nothing but JSON with --json', async () => {
    const lost = await lose('1', '2');
    scene.fikiri.refuses = { body: /2/, status: 404 };
    const { code, lines } = await run('--json');
    expect(code).toBe(1);
    expect(JSON.parse(lines.join('\n'))).toEqual(
      lost.map(({ messageSid }, index) => ({
        messageSid,
        alertSid: expect.stringMatching(/^NO/),
        receivedAt: `2026-11-22T12:0${index}:00.000Z`,
        ...(index === 0 ? { outcome: 'delivered' } : { outcome: 'failed', reason: 'status_404' }),
      })),
    );
    expect(lines).toHaveLength(1);
    expect(JSON.parse((await run('--json', '--dry-run')).lines.join('\n'))).toMatchObject([
      { messageSid: lost[1]?.messageSid, outcome: 'left', reason: 'dry run: has alert' },
    ]);
    expect((await run('--json', '--since', '5h', '--until', '4h')).lines).toEqual(['[]']);
  });
});

describe('npm run replay -- --sid', () => {
  it('delivers one text that failed, with the parameters of its alert, even before it has settled', async () => {
    scene.fikiri.mode = 'forbidden';
    const { messageSid, form } = await scene.text();
    await scene.text();
    scene.fikiri.mode = 'up';
    scene.pass(5000);
    expect(await run('--sid', messageSid)).toEqual({
      code: 0,
      lines: [
        `${messageSid}: its form is in an alert`,
        `delivered ${messageSid} 2026-11-22T12:00:00Z`,
        ...summary(1, 0, 0),
      ],
    });
    expect(scene.fikiri.accepted).toEqual([form]);
  });

  it.each([
    ['a minute', 60_000],
    ['29 days', 29 * 24 * 60 * 60_000],
  ])('delivers one that arrived %s before, and says so', async (_, ago) => {
    const { messageSid } = await scene.text();
    scene.pass(ago);
    const { code, lines } = await run('--sid', messageSid);
    expect(code).toBe(0);
    expect(lines.slice(0, 3)).toEqual([
      `${messageSid}: no alert: its form is rebuilt`,
      `${messageSid} was delivered before: Fikiri gets it again, with the same Idempotency-Key.`,
      `delivered ${messageSid} 2026-11-22T12:00:00Z`,
    ]);
    expect(scene.fikiri.accepted).toHaveLength(2);
  });

  it('delivers one that Twilio has deleted from its messages', async () => {
    const [lost] = await lose('1');
    scene.twilio.messages.length = 0;
    expect((await run('--sid', String(lost?.messageSid))).code).toBe(0);
    expect(scene.fikiri.accepted).toEqual([lost?.form]);
  });

  it('refuses one that the account did not receive', async () => {
    const unknown = `SM${'0'.repeat(32)}`;
    const { sid: outbound } = scene.twilio.addMessage({
      from: NUMBER,
      to: SENDER,
      direction: 'outbound-reply',
    });
    for (const sid of [unknown, unknown.replace('SM', 'MM'), outbound]) {
      expect((await run('--sid', sid)).code).toBe(
        `${sid} is not a text this account received: Twilio has no such message, and no alert of it. Check the SID.`,
      );
    }
    expect(scene.posts).toEqual([]);
  });

  it.each(['', 'SM123', `CA${'0'.repeat(32)}`, `SM${'G'.repeat(32)}`, `SM${'0'.repeat(33)}`])(
    'refuses "%s": not a MessageSid',
    async (sid) => {
      expect((await run('--sid', sid)).code).toBe(
        `--sid "${sid}" is not a MessageSid: SM or MM and 32 hexadecimal digits.`,
      );
    },
  );
});

describe('a replay that cannot go on', () => {
  it('says how far it came when Twilio is out of reach, and the next run goes on from there', async () => {
    await lose('1', '2', '3');
    scene.onSleep = () => {
      scene.onSleep = () => {};
      // The network goes when the second text is posted.
      scene.twilio.fail(({ path }) => path === '/sms' && scene.fikiri.accepted.length === 1, 'reset', 1);
    };
    const { code, lines } = await run();
    expect(code).toMatch(
      /^Broken off after 1 of 3\. https:\S+\/sms did not answer: .*Run it again: it goes on from there\.$/,
    );
    expect(lines.slice(-4)).toEqual([...summary(1, 0, 2), '              2 × broken off']);
    scene.pass(60_000);
    expect((await run()).lines[0]).toContain('2 to replay');
    expect(bodies()).toEqual(['1', '2', '3']);
  });

  it('counts no text that it has left', async () => {
    scene.fikiri.mode = 'forbidden';
    for (const text of [{ body: 'odd' }, { body: 'later' }, { body: 'other', from: '+14155550109' }]) {
      await scene.text(text);
      scene.pass(60_000);
    }
    scene.fikiri.mode = 'up';
    scene.fikiri.refuses = { body: /odd/, status: 404 };
    scene.twilio.fail(({ path }) => path === '/sms' && scene.posts.length === 2, 'reset', 1);
    const { code, lines } = await run();
    expect(code).toMatch(/^Broken off after 1 of 3\. https:/);
    expect(lines.slice(-2)).toEqual([
      '              1 × an earlier text of its sender failed',
      '              1 × broken off',
    ]);
  });

  it('tells of it in the JSON too', async () => {
    await lose('1', '2');
    scene.twilio.fail(({ path }) => path.includes('/Alerts/'), { status: 500 });
    const { code, lines } = await run('--json');
    expect(code).toMatch(/^Broken off after 0 of 2\. Twilio answered 500/);
    expect(JSON.parse(lines.join(''))).toMatchObject([{ reason: 'broken off' }, { reason: 'broken off' }]);
  });

  it('ends at Ctrl-C after the text that is on its way, exits 1, and the next run goes on', async () => {
    await lose('1', '2', '3');
    const listeners = process.listenerCount('SIGINT');
    scene.onSleep = () => {
      if (scene.fikiri.accepted.length !== 1) return;
      process.emit('SIGINT');
      // The next one finds nobody who listens: it ends the process.
      expect(process.listenerCount('SIGINT')).toBe(listeners);
    };
    const { code, lines } = await run();
    expect(code).toBe(1);
    expect(lines.slice(-5)).toEqual([
      ...summary(1, 0, 2),
      '              2 × interrupted',
      'Run it again when the reasons are mended: it goes on from there.',
    ]);
    expect(process.listenerCount('SIGINT')).toBe(listeners);
    scene.onSleep = () => {};
    expect((await run()).code).toBe(0);
    expect(bodies()).toEqual(['1', '2', '3']);
  });

  it('throws a defect on, with its stack', async () => {
    await lose('1');
    scene.operator.http = undefined as never;
    scene.operator.sleep = () => {
      if (scene.twilio.requests.some(({ path }) => path.includes('/Alerts/')))
        throw new TypeError('a defect');
      return Promise.resolve();
    };
    await expect(captureOutput(() => replayCommand([], scene.operator))).rejects.toThrow(TypeError);
  });
});

describe('wrong usage', () => {
  it.each([
    [
      ['--rate', '0'],
      '--rate "0" is not a whole number from 1 to 90: Fikiri takes 100 requests a minute in all.',
    ],
    [['--rate', '91'], '--rate "91" is not'],
    [['--rate', '1.5'], '--rate "1.5" is not'],
    [['--rate', 'x'], '--rate "x" is not'],
    [['--rate', ''], '--rate "" is not'],
    [['--since', '31d'], '--since 31d is too long ago'],
    [['--since', 'x'], '--since "x" is not a time'],
    [['--until', 'x'], '--until "x" is not a time'],
    [['--sid', 'x'], '--sid "x" is not a MessageSid'],
  ])('%j is refused before anything is asked', async (args, message) => {
    await expect(replayCommand(args, scene.operator)).rejects.toThrow(UsageError);
    await expect(replayCommand(args, scene.operator)).rejects.toThrow(message);
    expect(scene.twilio.requests).toEqual([]);
  });
});

it('says that nothing is deployed', async () => {
  const twilio = await startStandInTwilio();
  await expect(replayCommand([], openTestOperator(twilio))).rejects.toThrow(
    'Nothing is deployed: there is no "fikiri-twilio-functions" in this account. Run: npm run deploy',
  );
  await twilio.close();
});

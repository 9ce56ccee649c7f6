import { readDelivered } from '../../src/ops/delivered-messages';
import { requireDeployment } from '../../src/ops/find-deployment';
import { openScene, type Scene } from '../support/replay-scene';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

const sidOf = (number: number) => `SM${number.toString(16).padStart(32, '0')}`;

/** A line of `/sms`, so many ms ago. */
function addLine(message: string, agoMs = 10 * MINUTE_MS, functionIndex = 0) {
  const { operator, project, twilio } = scene;
  const versions = project.build['function_versions'] as { function_sid: string }[];
  return twilio.addLog({
    message,
    function_sid: versions[functionIndex]?.function_sid ?? null,
    date_created: new Date(operator.now().getTime() - agoMs).toISOString(),
  });
}

const deliveredLine = (messageSid: string) =>
  `sms delivered sid=${messageSid} from=+1******0123 media=0 status=200 attempts=1 ms=182`;

async function read(agoMs = HOUR_MS): Promise<string[]> {
  const deployment = await requireDeployment(scene.operator.client);
  const since = new Date(scene.operator.now().getTime() - agoMs);
  return [...(await readDelivered(scene.operator, deployment, since))].sort();
}

const queries = () => scene.twilio.requests.filter(({ path }) => path.endsWith('/Logs'));

describe('the ledger of what arrived', () => {
  it('has what the log says was delivered, whatever its level, and nothing else', async () => {
    addLine(deliveredLine(sidOf(1)));
    addLine(deliveredLine(sidOf(2).replace('SM', 'MM')));
    addLine(deliveredLine(sidOf(3)))['level'] = 'WARN';
    addLine(deliveredLine(sidOf(1)));
    addLine(`sms failed sid=${sidOf(4)} from=+1******0123 reason=refused attempts=4 ms=6000 fix="x"`);
    addLine('sms delivered sid=- from=- media=0 status=200 attempts=1 ms=182');
    expect(await read()).toEqual([sidOf(2).replace('SM', 'MM'), sidOf(1), sidOf(3)]);
  });

  it('is not fooled by a line that quotes one, or by another Function', async () => {
    addLine(`sms failed sid=- from=x fix="${deliveredLine(sidOf(1))}"`);
    addLine(`x\n${deliveredLine(sidOf(2))}`);
    addLine(deliveredLine(`${sidOf(3)}0`));
    addLine(`SMS delivered sid=${sidOf(4)} `);
    addLine(deliveredLine(sidOf(5)), 1000, 1);
    expect(await read()).toEqual([]);
  });

  it('reaches five minutes beyond both ends: lines come late, and clocks differ', async () => {
    addLine(deliveredLine(sidOf(1)), HOUR_MS + 4 * MINUTE_MS);
    addLine(deliveredLine(sidOf(2)), -4 * MINUTE_MS);
    addLine(deliveredLine(sidOf(3)), HOUR_MS + 6 * MINUTE_MS);
    expect(await read()).toEqual([sidOf(1), sidOf(2)]);
  });

  it('is read back beyond the last day, which is all that Twilio gives unasked', async () => {
    addLine(deliveredLine(sidOf(1)), 29 * 24 * HOUR_MS);
    expect(await read(30 * 24 * HOUR_MS)).toEqual([sidOf(1)]);
  });

  it('is read to the last page, with at most 5 requests a second', async () => {
    for (let number = 0; number < 2500; number += 1) addLine(deliveredLine(sidOf(number)));
    expect(await read()).toHaveLength(2500);
    expect(queries()).toHaveLength(3);
    expect(scene.slept).toEqual([200, 200, 200]);
  });

  it('is read in shorter periods where Twilio cuts off at 10,000 lines', async () => {
    for (let number = 0; number < 10_500; number += 1) {
      addLine(deliveredLine(sidOf(number)), HOUR_MS - Math.floor(number / 5) * 1000);
    }
    expect(await read()).toHaveLength(10_500);
    expect(scene.slept).toHaveLength(queries().length);
    expect(queries().length).toBeLessThan(30);

    // They overlap: Twilio may leave out the second itself in "after" and "before".
    const first = queries().filter(({ params }) => params['Page'] === undefined);
    const [, earlier, later] = first.map(({ params }) => params);
    const overlapMs = Date.parse(String(earlier?.['EndDate'])) - Date.parse(String(later?.['StartDate']));
    expect(overlapMs).toBeGreaterThanOrEqual(2000);
  });

  it('gives up on a second with more lines than Twilio shows', async () => {
    for (let number = 0; number < 10_500; number += 1) addLine(deliveredLine(sidOf(number)), 0);
    expect(await read(-4 * MINUTE_MS)).toHaveLength(10_000);
    expect(queries().length).toBeLessThan(200);
  });
});

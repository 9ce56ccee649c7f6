import { rollback } from '../../src/ops/commands/rollback';
import { captureOutput, deployBuilt, openTestOperator } from '../support/operator';
import { type StandInTwilio, startStandInTwilio } from '../support/stand-in-twilio';

let twilio: StandInTwilio;

beforeEach(async () => {
  twilio = await startStandInTwilio();
});
afterEach(() => twilio.close());

/** Deploys so many builds, a minute apart. Gives their SIDs, the oldest first. */
function deployBuilds(count: number): string[] {
  const { deployments } = twilio.serverless;
  return Array.from({ length: count }, (_, index) => {
    const { build } = deployBuilt(twilio);
    Object.assign(deployments[index] ?? {}, { date_created: `2026-11-22T10:0${index}:00Z` });
    return build.sid;
  });
}

function run(): Promise<string> {
  return captureOutput(() => rollback(openTestOperator(twilio)));
}

function live(): unknown {
  return twilio.serverless.environments[0]?.['build_sid'];
}

describe('rollback', () => {
  it('activates the build that was live before, not an older one', async () => {
    const [, second, third] = deployBuilds(3);
    const output = await run();
    expect(live()).toBe(second);
    expect(output).toContain(`Build ${second} is live on https://`);
    expect(output).toContain(`again, instead of ${third}.`);
    expect(twilio.writes()).toHaveLength(1);
  });

  it('goes by the time of a deployment, in whatever order Twilio lists them', async () => {
    const [, second] = deployBuilds(3);
    twilio.serverless.deployments.reverse();
    await run();
    expect(live()).toBe(second);
  });

  it('undoes itself', async () => {
    const [, , third] = deployBuilds(3);
    await run();
    await run();
    expect(live()).toBe(third);
  });

  it('passes over a build that was deployed twice', async () => {
    const [first] = deployBuilds(2);
    const { serverless } = twilio;
    const again = { ...serverless.deployments[1], sid: `ZD${'0'.repeat(32)}` };
    serverless.deployments.push({ ...again, date_created: '2026-11-22T10:09:00Z' });
    await run();
    expect(live()).toBe(first);
  });

  it('says that the first build has none before it, and writes nothing', async () => {
    const [first] = deployBuilds(1);
    await expect(run()).rejects.toThrow(`There is no build before ${first}: it is the first on `);
    expect(twilio.writes()).toEqual([]);
  });

  it.each([400, 404])('takes a %i for a build that Twilio no longer has', async (status) => {
    const [first] = deployBuilds(2);
    twilio.fail(({ method }) => method === 'POST', { status });
    await expect(run()).rejects.toThrow(`Twilio no longer has build ${first};`);
  });

  it('does not take a failure of Twilio for it', async () => {
    deployBuilds(2);
    twilio.fail(({ method }) => method === 'POST', { status: 500 });
    await expect(run()).rejects.toMatchObject({ status: 500 });
  });

  it('says that Twilio no longer has that build, what is live, and what to do', async () => {
    const [first, second] = deployBuilds(2);
    twilio.serverless.builds.shift();
    await expect(run()).rejects.toThrow(`Twilio no longer has build ${first}; ${second} stays live.`);
    expect(live()).toBe(second);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StandInBackend, startStandInBackend } from '../../src/ops/stand-in-backend';
import {
  copyProject,
  type Outcome,
  type ProjectCopy,
  removeProjectCopies,
  waitForGroupToEnd,
} from '../support/project-copy';
import { type StandInTwilio, startStandInTwilio } from '../support/stand-in-twilio';

const NUMBER = '+18553894992';
const SENDER = '+14155550123';
const DEPLOY = ['npm', 'run', 'deploy'];

const closers: (() => unknown)[] = [];

afterAll(async () => {
  await removeProjectCopies();
  for (const close of closers) await close();
});

interface Account {
  twilio: StandInTwilio;
  fikiri: StandInBackend;
  /** What `.env` has. */
  variables: Record<string, string>;
}

/** A new account: a toll-free number in a Messaging Service, nothing deployed, and Fikiri with its Auth Token. */
async function openAccount(): Promise<Account> {
  const twilio = await startStandInTwilio();
  const fikiri = await startStandInBackend(undefined, twilio.authToken);
  closers.push(fikiri.close, twilio.close);
  const number = twilio.addNumber({ phone_number: NUMBER });
  twilio.addMessagingService({}, [number.sid]);
  twilio.addTollfreeVerification({ tollfree_phone_number_sid: number.sid });
  const variables = {
    ACCOUNT_SID: twilio.accountSid,
    AUTH_TOKEN: twilio.authToken,
    FIKIRI_BASE_URL: fikiri.origin,
    PHONE_NUMBER: NUMBER,
  };
  return { twilio, fikiri, variables };
}

/** The build that answers at the production domain. */
function liveBuild({ serverless }: StandInTwilio): string {
  return String(serverless.environments.find(({ domain_suffix }) => domain_suffix === null)?.['build_sid']);
}

/** What a deployment uploaded: everything that decides what runs. */
function uploaded({ serverless }: StandInTwilio, buildSid: string): unknown {
  const build = serverless.builds.find(({ sid }) => sid === buildSid);
  const files = (key: string) =>
    ((build?.[key] ?? []) as { sid: string; path: string; visibility: string }[])
      .map(({ sid, path, visibility }) => ({
        path,
        visibility,
        content: String(serverless.contents.get(sid)?.bytes),
      }))
      .sort((a, b) => a.path.localeCompare(b.path));
  return {
    functions: files('function_versions'),
    assets: files('asset_versions'),
    runtime: build?.['runtime'],
    dependencies: build?.['dependencies'],
    variables: uploadedVariables({ serverless } as StandInTwilio),
  };
}

function uploadedVariables({ serverless }: StandInTwilio): Record<string, unknown> {
  return Object.fromEntries(serverless.variables.map(({ key, value }) => [String(key), value]));
}

describe('npm run deploy', () => {
  let account: Account;
  let copy: ProjectCopy;
  let first: Outcome;
  let firstBuild: string;
  const temporary = mkdtempSync(join(tmpdir(), 'deploy-'));

  afterAll(() => rmSync(temporary, { recursive: true }));
  beforeAll(async () => {
    account = await openAccount();
    copy = copyProject({ git: true });
    copy.configure({ ...account.variables, COLOUR: 'blue, or green' });
    first = await copy.run(DEPLOY, { ...account.twilio.env, TMPDIR: temporary });
    firstBuild = liveBuild(account.twilio);
  }, 60_000);

  it('puts a new account online and on the number, and ends with a status that is all green', () => {
    expect(first).toMatchObject({ code: 0 });
    const [, status = ''] = first.output.split('\nStatus\n');
    expect(status.match(/^[✔✘!] .*/gm)?.filter((line) => !line.startsWith('✔'))).toEqual([]);
    expect(status).toContain('\nAll is right.\n');
    expect(first.output).toContain(`Attached: ${NUMBER}, read back and compared.`);
  });

  it('says which build of which commit is live, and where', () => {
    const commit = copy.git('rev-parse', '--short', 'HEAD');
    const domain = account.twilio.serverless.environments[0]?.['domain_name'];
    expect(first.output).toContain(`Deploying commit ${commit}\n`);
    expect(first.output).toContain(
      `\nBuild ${firstBuild} of commit ${commit} is live on https://${domain}\n`,
    );
    expect(first.output).not.toContain('npm run rollback');
  });

  it('uploads the two Functions, protected, the two assets, and nothing else', () => {
    const content = (path: string) => readFileSync(join(copy.folder, path), 'utf8');
    expect(uploaded(account.twilio, firstBuild)).toMatchObject({
      functions: [
        { path: '/sms', visibility: 'protected', content: content('dist/functions/sms.protected.js') },
        { path: '/voice', visibility: 'protected', content: content('dist/functions/voice.protected.js') },
      ],
      assets: [
        {
          path: '/sms-unavailable.xml',
          visibility: 'public',
          content: content('src/assets/sms-unavailable.xml'),
        },
        {
          path: '/voice-unavailable.xml',
          visibility: 'public',
          content: content('src/assets/voice-unavailable.xml'),
        },
      ],
      runtime: 'node22',
    });
  });

  it('uploads the variables of .env, but never the credentials, and prints no token', () => {
    expect(uploadedVariables(account.twilio)).toEqual({
      FIKIRI_BASE_URL: account.fikiri.origin,
      PHONE_NUMBER: NUMBER,
      COLOUR: 'blue, or green',
    });
    expect(first.output).not.toContain(account.twilio.authToken);
    expect(first.output).not.toContain('\u001b[');
  });

  it('leaves no file with the credentials behind', () => {
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('makes a text reach Fikiri, signed for it; an unsigned one is refused', async () => {
    const { twilio, fikiri } = account;
    const before = fikiri.received.length;
    const text = await twilio.text({ from: SENDER, to: NUMBER, body: 'Hello 👋' });
    expect(text).toMatchObject({ answeredBy: 'webhook', status: 200 });
    expect(fikiri.received.slice(before)).toMatchObject([{ form: text.form, status: 200 }]);

    const uri = text.attempts[0]?.url ?? '';
    const unsigned = await twilio.client().request({ method: 'post', uri, data: text.form });
    expect(unsigned.statusCode).toBe(403);
    expect(fikiri.received).toHaveLength(before + 1);
  });

  it('does the same upload as twilio-run deploy by hand', async () => {
    const another = await openAccount();
    copy.configure({ ...another.variables, COLOUR: 'blue, or green' });
    const byHand = await copy.run(['npx', 'twilio-run', 'deploy'], another.twilio.env);
    copy.configure({ ...account.variables, COLOUR: 'blue, or green' });
    expect(byHand).toMatchObject({ code: 0 });
    expect(uploaded(another.twilio, liveBuild(another.twilio))).toEqual({
      ...(uploaded(account.twilio, firstBuild) as object),
      variables: { ...uploadedVariables(account.twilio), FIKIRI_BASE_URL: another.fikiri.origin },
    });
    expect(another.twilio.serverless.environments).toMatchObject([{ domain_suffix: null }]);
  }, 60_000);

  it('cannot be rolled back when it was the first', async () => {
    const { code, output } = await copy.run(['npm', 'run', '--silent', 'rollback'], account.twilio.env);
    const domain = account.twilio.serverless.environments[0]?.['domain_name'];
    expect(output.trim()).toContain(`There is no build before ${firstBuild}: it is the first on ${domain}.`);
    expect(code).toBe(1);
  });

  describe('from another folder, after Fikiri has moved', () => {
    let second: Outcome;
    let moved: StandInBackend;

    beforeAll(async () => {
      const { twilio, variables } = account;
      moved = await startStandInBackend(undefined, twilio.authToken);
      closers.push(moved.close);
      const elsewhere = copyProject({ git: true });
      elsewhere.configure({ ...variables, FIKIRI_BASE_URL: moved.origin });
      // What twilio-run keeps of earlier deployments, here of a service that is not ours.
      const { service } = twilio.deployProject({ uniqueName: 'another-service' });
      const cached = { serviceSid: service.sid, latestBuild: `ZB${'0'.repeat(32)}` };
      elsewhere.write(
        '.twiliodeployinfo',
        JSON.stringify({ [twilio.accountSid]: cached, [`${twilio.accountSid}:us1`]: cached }),
      );
      second = await elsewhere.run(DEPLOY, twilio.env);
    }, 60_000);

    it('reuses the service and its domain, and finds nothing to attach', () => {
      const { serverless } = account.twilio;
      expect(second).toMatchObject({ code: 0 });
      expect(serverless.services.map(({ unique_name }) => unique_name)).toEqual([
        'fikiri-twilio-functions',
        'another-service',
      ]);
      expect(liveBuild(account.twilio)).not.toBe(firstBuild);
      expect(second.output).toContain(`No change: ${NUMBER} is attached.`);
    });

    it("delivers texts to Fikiri's new host", async () => {
      const { form } = await account.twilio.text({ from: SENDER, to: NUMBER, body: 'Hello again' });
      expect(moved.received.at(-1)).toMatchObject({ form, status: 200 });
    });

    it('notes a variable that an earlier .env had', () => {
      expect(second.output).toContain('! other variables: COLOUR\n');
    });

    it('says how to bring the previous build back; npm run rollback does, and undoes itself', async () => {
      const { twilio } = account;
      const secondBuild = liveBuild(twilio);
      expect(second.output).toContain(
        `To bring back the build before it (${firstBuild}): npm run rollback\n`,
      );

      const back = await copy.run(['npm', 'run', 'rollback'], twilio.env);
      expect(back).toMatchObject({ code: 0 });
      expect(back.output).toMatch(`Build ${firstBuild} is live on https://`);
      expect(back.output).toContain(`again, instead of ${secondBuild}.`);
      expect(liveBuild(twilio)).toBe(firstBuild);
      expect(await twilio.text({ from: SENDER, to: NUMBER, body: 'Still there?' })).toMatchObject({
        status: 200,
      });

      expect(await copy.run(['npm', 'run', 'rollback'], twilio.env)).toMatchObject({ code: 0 });
      expect(liveBuild(twilio)).toBe(secondBuild);
    });
  });
});

describe('npm run deploy checks before it changes anything', () => {
  let account: Account;
  let copy: ProjectCopy;

  beforeAll(async () => {
    account = await openAccount();
    copy = copyProject({ git: true });
  });
  beforeEach(() => copy.configure(account.variables));
  afterEach(() => copy.git('checkout', '--quiet', '.'));

  /** Runs the built command, and expects that it refuses, in these words, without a stack and without a write. */
  async function expectRefusal(message: string, variables: NodeJS.ProcessEnv = {}): Promise<void> {
    const command = [process.execPath, 'dist/ops/cli.js', 'deploy'];
    const { code, output } = await copy.run(command, { ...account.twilio.env, ...variables });
    expect(output.trim()).toBe(message);
    expect(code).toBe(1);
    expect(account.twilio.writes()).toEqual([]);
  }

  it('that there are credentials', async () => {
    copy.configure({ FIKIRI_BASE_URL: account.fikiri.origin });
    await expectRefusal(
      'ACCOUNT_SID is not set. Copy .env.example to .env, and fill it in from https://console.twilio.com (Account Info).',
    );
  });

  it('that Twilio accepts them', async () => {
    copy.configure({ ...account.variables, AUTH_TOKEN: 'f'.repeat(32) });
    await expectRefusal(
      'Twilio answered 401 (error 20003): Authenticate. Check ACCOUNT_SID and AUTH_TOKEN in .env.',
    );
  });

  it('that FIKIRI_BASE_URL is there', async () => {
    copy.configure({ ...account.variables, FIKIRI_BASE_URL: '' });
    await expectRefusal(
      'FIKIRI_BASE_URL is not set. Give scheme and host only, e.g. https://api.fikirisolutions.com (.env.example).',
    );
  });

  it('that FIKIRI_BASE_URL is well formed', async () => {
    copy.configure({ ...account.variables, FIKIRI_BASE_URL: 'https://api.fikiri.example/api' });
    await expectRefusal(
      'FIKIRI_BASE_URL is "https://api.fikiri.example/api": it has a path. Give scheme and host only, e.g. https://api.fikirisolutions.com.',
    );
  });

  it('that the number is in the account', async () => {
    copy.configure({ ...account.variables, PHONE_NUMBER: '+14155550100' });
    await expectRefusal(
      `+14155550100 is not in this Twilio account; its numbers are: ${NUMBER}. Correct PHONE_NUMBER in .env, or ACCOUNT_SID if this is the wrong account.`,
    );
  });

  it('that the number is not on a SIP trunk', async () => {
    const [number] = account.twilio.numbers;
    if (number) number.trunk_sid = `TK${'a'.repeat(32)}`;
    await expectRefusal(
      `On a SIP trunk, so Twilio ignores its webhooks: number ${NUMBER} (TK${'a'.repeat(32)}). Nothing was written. If the trunk may lose it: npm run attach -- --force`,
    );
    if (number) number.trunk_sid = null;
  });

  it('that the working tree is clean', async () => {
    copy.write('README.md', 'changed');
    await expectRefusal(
      'The working tree has uncommitted changes. Commit them, or deploy as it is: npm run deploy -- --any-tree',
    );
  });

  it('that git knows the commit', async () => {
    const message =
      'git knows no commit of this folder. Deploy from a clone, or as it is: npm run deploy -- --any-tree';
    await expectRefusal(message, { GIT_DIR: '/nowhere' });
    await expectRefusal(message, { PATH: '/nowhere' });
  });
});

describe('npm run deploy with --dry-run', () => {
  it('checks, shows what it would do, and changes nothing', async () => {
    const { twilio, variables } = await openAccount();
    const copy = copyProject({ git: true });
    copy.configure(variables);
    const { code, output } = await copy.run([...DEPLOY, '--', '--dry-run'], twilio.env);
    expect(output).toContain(`Would deploy commit ${copy.git('rev-parse', '--short', 'HEAD')}\n`);
    expect(output).toContain('both fallbacks; FIKIRI_BASE_URL, PHONE_NUMBER\n');
    expect(output).toContain('+ https://fikiri-twilio-functions-….twil.io/voice\n');
    expect(output).toMatch(/Dry run: nothing was written\.\n$/);
    expect(code).toBe(0);
    expect(twilio.writes()).toEqual([]);

    copy.write('README.md', '');
    const dirty = await copy.run([...DEPLOY, '--', '--dry-run'], twilio.env);
    expect(dirty.output).toContain('The working tree has uncommitted changes.');
    expect(dirty.code).toBe(1);
  }, 60_000);
});

describe('npm run deploy with --any-tree', () => {
  it('deploys changed files; even under DEBUG=* the toolkit logs and redacts nothing', async () => {
    const { twilio, variables, fikiri } = await openAccount();
    const copy = copyProject({ git: true });
    copy.configure(variables);
    copy.write('README.md', 'changed');
    const { code, output } = await copy.run([...DEPLOY, '--', '--any-tree'], { ...twilio.env, DEBUG: '*' });
    expect(code).toBe(0);
    expect(output).toMatch(/\nDeploying commit [0-9a-f]+ with uncommitted changes\n/);
    expect(output).not.toContain('twilio-run:deploy'); // The toolkit's debug logs show what it uploads.
    expect(uploadedVariables(twilio)).toEqual({ FIKIRI_BASE_URL: fikiri.origin, PHONE_NUMBER: NUMBER });
  }, 60_000);
});

describe('npm run deploy when the upload goes wrong', () => {
  let copy: ProjectCopy;

  beforeAll(() => {
    copy = copyProject();
  });
  afterEach(() => {
    copy.write('.twilioserverlessrc', readFileSync('.twilioserverlessrc', 'utf8'));
  });

  async function deploy({ twilio, variables }: Account): Promise<Outcome> {
    copy.configure(variables);
    return copy.run([process.execPath, 'dist/ops/cli.js', 'deploy', '--any-tree'], twilio.env);
  }

  it('attaches nothing when twilio-run fails', async () => {
    const account = await openAccount();
    const { twilio } = account;
    twilio.fail(({ method, path }) => method === 'POST' && path.endsWith('/Builds'), { status: 500 });
    const { code, output } = await deploy(account);
    expect(output).toContain('twilio-run could not deploy (above). The build that was live before still is.');
    expect(code).toBe(1);
    expect(twilio.numbers[0]).toMatchObject({ sms_url: '' });
    expect(twilio.serverless.deployments).toEqual([]);
  }, 60_000);

  it('leaves neither a process nor the credentials when Ctrl-C ends it', async () => {
    const { twilio, variables } = await openAccount();
    twilio.fail(({ method, path }) => method === 'POST' && path.endsWith('/Builds'), 'hang');
    const temporary = mkdtempSync(join(tmpdir(), 'deploy-'));
    copy.configure(variables);
    const command = [process.execPath, 'dist/ops/cli.js', 'deploy', '--any-tree'];
    const deployment = copy.start(command, { ...twilio.env, TMPDIR: temporary });
    await deployment.until(() => twilio.requests.some(({ path }) => path.endsWith('/Builds')));
    expect(readdirSync(temporary)).toHaveLength(1);
    deployment.signal('SIGINT');
    expect(await deployment.ended).toMatchObject({ code: 1 });
    expect(await waitForGroupToEnd(deployment)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
    rmSync(temporary, { recursive: true });
  }, 60_000);

  it('attaches nothing when twilio-run is killed', async () => {
    const { twilio, variables } = await openAccount();
    twilio.fail(({ method, path }) => method === 'POST' && path.endsWith('/Builds'), 'hang');
    copy.configure(variables);
    const deployment = copy.start([process.execPath, 'dist/ops/cli.js', 'deploy', '--any-tree'], twilio.env);
    await deployment.until(() => twilio.requests.some(({ path }) => path.endsWith('/Builds')));
    const processes = execFileSync('ps', ['-A', '-o', 'ppid=,pid='], { encoding: 'utf8' }).split('\n');
    const child = processes.find((line) => line.trim().startsWith(`${deployment.child.pid} `));
    process.kill(Number(child?.trim().split(/ +/)[1]), 'SIGKILL');
    const { code, output } = await deployment.ended;
    expect(output).toContain('twilio-run could not deploy (above).');
    expect(code).toBe(1);
    expect(twilio.numbers[0]).toMatchObject({ sms_url: '' });
  }, 60_000);

  it('can be ended by Ctrl-C after the upload, too', async () => {
    const { twilio, variables } = await openAccount();
    const isUploaded = () => twilio.serverless.deployments.length > 0;
    twilio.fail(({ path }) => path.includes('/IncomingPhoneNumbers') && isUploaded(), 'hang');
    copy.configure(variables);
    const deployment = copy.start([process.execPath, 'dist/ops/cli.js', 'deploy', '--any-tree'], twilio.env);
    await deployment.prints('\nAttaching\n');
    deployment.signal('SIGINT');
    expect(await deployment.ended).toMatchObject({ code: null });
    expect(await waitForGroupToEnd(deployment)).toEqual([]);
  }, 20_000);

  it('attaches nothing to a build of another runtime', async () => {
    const account = await openAccount();
    const settings = readFileSync('.twilioserverlessrc', 'utf8');
    copy.write('.twilioserverlessrc', settings.replace('node22', 'node20'));
    const { code, output } = await deploy(account);
    expect(output).toContain('The build runs on node20, not node22. Set "runtime" in .twilioserverlessrc.');
    expect(code).toBe(1);
    expect(account.twilio.numbers[0]).toMatchObject({ sms_url: '' });
  }, 60_000);

  it('attaches nothing when a value was uploaded as [REDACTED]', async () => {
    const account = await openAccount();
    account.variables['COLOUR'] = '[REDACTED]';
    const { code, output } = await deploy(account);
    expect(output).toContain('Uploaded as [REDACTED]: COLOUR. Deploy again without debug logs.');
    expect(code).toBe(1);
    expect(account.twilio.numbers[0]).toMatchObject({ sms_url: '' });
  }, 60_000);

  it('ends with 1 when the status is not right, and still says what is live', async () => {
    const account = await openAccount();
    account.fikiri.close();
    const { code, output } = await deploy(account);
    expect(output).toContain('✘ Fikiri is up');
    expect(output).toMatch(/\nBuild ZB[0-9a-f]{32} of commit \(unknown\) is live on https:/);
    expect(code).toBe(1);
  }, 60_000);
});

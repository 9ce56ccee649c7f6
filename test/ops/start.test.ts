import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { GREETING } from '../../src/inbound/receive-call';
import { findFreePort } from '../../src/ops/ports';
import {
  copyProject,
  type ProjectCopy,
  type RunningCommand,
  removeProjectCopies,
  waitForGroupToEnd,
} from '../support/project-copy';

let copy: ProjectCopy;
let temporary: string;

beforeAll(() => {
  copy = copyProject();
  temporary = join(copy.folder, 'temporary');
  mkdirSync(temporary);
});
afterAll(removeProjectCopies);

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((done) => {
    server.listen(port, '127.0.0.1', () => done((server.address() as AddressInfo).port));
  });
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (answer: boolean) => {
      socket.destroy();
      done(answer);
    };
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false));
  });
}

describe('npm start without .env', () => {
  let server: RunningCommand;
  let port: number;

  beforeAll(async () => {
    port = await findFreePort();
    server = copy.start(['npm', 'start', '--', '--port', `${port}`], { TMPDIR: temporary });
    await server.prints(`http://localhost:${port}/voice\n`);
  }, 30_000);

  function simulate(...args: string[]) {
    const url = `http://localhost:${port}`;
    return copy.run([process.execPath, 'dist/ops/cli.js', 'simulate', ...args, '--url', url]);
  }

  it('says that texts go to a stand-in, and how to send one', () => {
    expect(server.output()).toMatch(
      /No \.env: texts are delivered to a stand-in Fikiri at http:\/\/127\.0\.0\.1:\d+\.\nSend a text /,
    );
    expect(server.output()).toContain(`npm run simulate -- sms "hello" --url http://localhost:${port}\n`);
  });

  it('listens on loopback only', async () => {
    expect(await canConnect('127.0.0.1', port)).toBe(true);
    // Also this machine, but not the address that is listened on: a server on every interface would answer.
    expect(await canConnect('127.0.0.2', port)).toBe(false);
  });

  it('delivers a simulated text to the stand-in, and says so', async () => {
    const { code, output } = await simulate('sms', 'Hello 👋');
    expect(output).toMatch(/^POST http:\/\/localhost:\d+\/sms {2}SM\w{32}, signed\n200 {2}<Response\/>\n$/);
    expect(code).toBe(0);
    await server.prints('Stand-in Fikiri got "Hello 👋" and answered 200');
  }, 30_000);

  it('goes on when npm run simulate builds beside it', async () => {
    const command = ['npm', 'run', 'simulate', '--', 'call', '--url', `http://localhost:${port}`];
    expect(await copy.run(command)).toMatchObject({ code: 0 });
    expect(await copy.run(command)).toMatchObject({ code: 0 });
  }, 30_000);

  it('serves what is edited, once it is rebuilt', async () => {
    const path = 'src/inbound/receive-call.ts';
    copy.write(path, readFileSync(path, 'utf8').replace(GREETING, 'Good morning.'));
    let heard = '';
    for (let looks = 0; looks < 30 && !heard.includes('Good morning.'); looks += 1) {
      await setTimeout(200);
      heard = (await simulate('call')).output;
    }
    expect(heard).toContain('Good morning.');
  }, 30_000);

  it('says what is wrong with an edit', async () => {
    const path = 'src/inbound/receive-call.ts';
    copy.write(path, 'const = 1;');
    await server.prints(`${path}:1:6:`);
    copy.write(path, readFileSync(path, 'utf8'));
  }, 30_000);

  it('says that a tunnel brings no texts of Twilio: they are signed with another token', async () => {
    const args = ['--port', `${await findFreePort()}`, '--ngrok=fikiri', '--version'];
    const { output } = await copy.run([process.execPath, 'dist/ops/cli.js', 'start', ...args]);
    expect(output).toContain(
      "Twilio's own texts will be refused: the Auth Token that signs them belongs in .env.",
    );
  });

  it('leaves no process and no file when Ctrl-C ends it', async () => {
    server.signal('SIGINT');
    await server.ended;
    expect(await waitForGroupToEnd(server)).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('npm start', () => {
  const start = (...args: string[]) => copy.start([process.execPath, 'dist/ops/cli.js', 'start', ...args]);

  afterEach(() => copy.configure({}));

  it('with .env delivers to what FIKIRI_BASE_URL names', async () => {
    copy.configure({ FIKIRI_BASE_URL: 'http://127.0.0.1:9', AUTH_TOKEN: 'my-token' });
    const port = await findFreePort();
    const server = start(`--port=${port}`);
    await server.prints(`http://localhost:${port}/voice\n`);
    expect(server.output()).toContain('Texts are delivered to http://127.0.0.1:9 (FIKIRI_BASE_URL in .env).');

    const simulate = [process.execPath, 'dist/ops/cli.js', 'simulate', 'sms', 'hello'];
    const { output, code } = await copy.run([...simulate, '--url', `http://localhost:${port}`]);
    expect(output).toContain('502  Not delivered to Fikiri: refused');
    expect(code).toBe(1);
    await server.prints(/sms failed sid=SM\w{32} .*reason=refused attempts=\d/);

    server.child.kill('SIGTERM');
    await server.ended;
    expect(await waitForGroupToEnd(server)).toEqual([]);
  }, 30_000);

  it.each([
    [
      { AUTH_TOKEN: 'a', FIKIRI_BASE_URL: 'https://a.example/api' },
      /^FIKIRI_BASE_URL is "https:\/\/a.example\/api": it has a path\./,
    ],
    [{ FIKIRI_BASE_URL: 'https://a.example' }, /^AUTH_TOKEN is not set\. Locally: copy it/],
  ])('refuses a .env with which no text would arrive: %p', async (variables, message) => {
    copy.configure(variables);
    const server = start('--port', `${await findFreePort()}`);
    const { code, output } = await server.ended;
    expect(output).toMatch(message);
    expect(output).toContain(' Or remove .env: then a stand-in Fikiri takes the texts.');
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
    expect(await waitForGroupToEnd(server)).toEqual([]);
  });

  it.each([
    ['https://fikiri.example', true],
    ['http://127.0.0.1:9', false],
  ])('warns of a FIKIRI_BASE_URL that is no stand-in: %s, %p', async (url, isWarned) => {
    copy.configure({ FIKIRI_BASE_URL: url, AUTH_TOKEN: 'my-token' });
    const { output } = await start('--port', `${await findFreePort()}`, '--version').ended;
    expect(output.includes('it is no stand-in, and takes your texts for real.')).toBe(isWarned);
  });

  it.each([
    [['npm', 'start', '--port', '3001'], 'npm took --port for itself. Put -- before it: npm start -- '],
    [['npm', 'start', '--ngrok'], 'npm took --ngrok for itself. Put -- before it: npm start -- '],
    [['npm', 'start', '--', '3001'], '"3001" is not an option. Usage: npm start -- [--port …]'],
  ])('does nothing on %p, and says how to write it', async (command, message) => {
    const { code, output } = await copy.run(command);
    expect(output).toContain(message);
    expect(code).toBe(2);
  });

  it('takes another file than .env where --env names one', async () => {
    const port = `${await findFreePort()}`;
    copy.write('other.env', 'FIKIRI_BASE_URL=http://127.0.0.1:9\nAUTH_TOKEN=my-token\n');
    const { code, output } = await start('--port', port, '--env', 'other.env', '--version').ended;
    expect(output).toContain('Texts are delivered to http://127.0.0.1:9 (FIKIRI_BASE_URL in other.env).\n');
    expect(code).toBe(0);
    expect((await start('--port', port, '--env', 'nowhere.env').ended).output).toBe(
      '--env "nowhere.env" is not there. Give a file, e.g. npm start -- --env .env\n',
    );
  });

  it.each([
    [['--version'], '5.0.1', 0],
    [['--cwd', 'nowhere'], 'Failed to find package.json', 1],
  ])('leaves %p to twilio-run, and ends with its exit code', async (args, message, exitCode) => {
    copy.configure({ FIKIRI_BASE_URL: 'http://127.0.0.1:9', AUTH_TOKEN: 'my-token' });
    const { code, output } = await start('--port', `${await findFreePort()}`, ...args).ended;
    expect(output).toContain(message);
    expect(code).toBe(exitCode);
  });

  it.each(['--port', '-p'])('says when the port of %s is in use, and asks nothing', async (option) => {
    const other = createServer();
    const port = await listen(other, 0);
    const { code, output } = await start(option, `${port}`).ended.finally(() => other.close());
    expect(output).toBe(
      `Port ${port} is in use, perhaps by another npm start. End it, or take another port: npm start -- --port ${port + 1}\n`,
    );
    expect(code).toBe(1);
  });

  it.each(['http', '65536'])('refuses a port that is none: %s', async (port) => {
    const { code, output } = await start('--port', port).ended;
    expect(output).toBe(`--port "${port}" is not a port. Give a number, e.g. npm start -- --port 3001\n`);
    expect(code).toBe(2);
  });
});

describe('npx twilio-run start', () => {
  it('serves the built Functions and assets from the folder alone', async () => {
    const port = await findFreePort();
    const server = copy.start(['npx', 'twilio-run', 'start', '--port', `${port}`]);
    await server.prints(`http://localhost:${port}/voice-unavailable.xml\n`);
    const origin = `http://localhost:${port}`;
    const voice = await fetch(`${origin}/voice`, { method: 'POST' });
    expect(await voice.text()).toContain('<Say voice="alice">');
    const asset = await fetch(`${origin}/sms-unavailable.xml`);
    expect(await asset.text()).toBe(readFileSync('src/assets/sms-unavailable.xml', 'utf8'));
    expect((await fetch(`${origin}/sms.protected.js`)).status).toBe(404);

    server.signal('SIGINT');
    await server.ended;
    expect(await waitForGroupToEnd(server)).toEqual([]);
  }, 30_000);
});

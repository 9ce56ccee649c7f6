import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Account, Resource } from './account';

const PROJECT = resolve(__dirname, '../../..');
const MAX_CONCURRENT = 30;

export interface PrintedLine {
  level: 'INFO' | 'WARN' | 'ERROR';
  message: string;
}

/** What came of one invocation. */
export interface InvocationResult {
  status: number;
  type: string;
  body: string;
  lines: PrintedLine[];
}

type FromRuntime =
  | { id?: number; line: PrintedLine }
  | { id: number; answer: Omit<InvocationResult, 'lines'> }
  | { crash: string };

/**
 * The hosted code of one build: a temporary folder in which only `twilio` and the runtime handler resolve, and one
 * child process, started at the first request. HOSTED_NODE names another Node than this one.
 */
export class HostedBuild {
  private readonly folder = mkdtempSync(join(tmpdir(), 'hosted-build-'));
  private readonly running = new Map<number, (answer: Omit<InvocationResult, 'lines'>) => void>();
  private readonly lines = new Map<number, PrintedLine[]>();
  private child: ChildProcess | undefined;
  private invocations = 0;
  private readonly privateAssets: { path: string; file: string }[];

  constructor(
    account: Account,
    build: Resource,
    private readonly options: { timeoutMs: number; caFile: string },
  ) {
    const { contents } = account.serverless;
    mkdirSync(join(this.folder, 'node_modules/@twilio'), { recursive: true });
    for (const name of ['twilio', '@twilio/runtime-handler']) {
      symlinkSync(join(PROJECT, 'node_modules', name), join(this.folder, 'node_modules', name));
    }
    const write = (path: string, versionSid: string) => {
      const file = join(this.folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, contents.get(versionSid)?.bytes ?? '');
      return file;
    };
    for (const version of build['function_versions'] as Resource[]) {
      write(`functions${version['path']}.js`, version.sid);
    }
    this.privateAssets = (build['asset_versions'] as Resource[])
      .filter(({ visibility }) => visibility === 'private')
      .map(({ path, sid }) => ({ path: String(path), file: write(`assets${path}`, sid) }));
  }

  /** Runs the Function of a path. 429 when too many run already, 504 when it takes longer than it may. */
  async invoke(path: string, context: object, event: object): Promise<InvocationResult> {
    const refuse = (status: number, body: string) => ({ status, type: 'text/plain', body, lines: [] });
    if (this.running.size >= MAX_CONCURRENT) return refuse(429, 'Too many requests');
    this.invocations += 1;
    const id = this.invocations;
    const lines: PrintedLine[] = [];
    this.lines.set(id, lines);
    const answer = await new Promise<Omit<InvocationResult, 'lines'>>((settle) => {
      const timer = setTimeout(() => settle(refuse(504, 'Function timed out')), this.options.timeoutMs);
      this.running.set(id, (given) => {
        clearTimeout(timer);
        settle(given);
      });
      const file = join(this.folder, `functions${path}.js`);
      this.runtime().send({ id, file, context, event });
    });
    this.running.delete(id);
    this.lines.delete(id);
    return { ...answer, lines };
  }

  async close(): Promise<void> {
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private runtime(): ChildProcess {
    if (this.child?.connected) return this.child;
    const { PATH = '' } = process.env;
    const argument = JSON.stringify({ folder: this.folder, privateAssets: this.privateAssets });
    const child = fork(join(__dirname, 'hosted-runtime.cjs'), [argument], {
      cwd: this.folder,
      execPath: process.env['HOSTED_NODE'] || process.execPath,
      execArgv: [],
      env: { PATH, NODE_EXTRA_CA_CERTS: this.options.caFile },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.on('message', (message: FromRuntime) => this.receive(message));
    child.on('error', (error) => this.failAll(error.message));
    child.on('exit', () => {
      if (this.child === child) this.failAll('The runtime ended');
    });
    this.child = child;
    return child;
  }

  private receive(message: FromRuntime): void {
    if ('crash' in message) this.failAll(message.crash);
    else if ('line' in message) this.lines.get(message.id ?? 0)?.push(message.line);
    else this.running.get(message.id)?.(message.answer);
  }

  private failAll(reason: string): void {
    this.child = undefined;
    for (const settle of this.running.values()) settle({ status: 500, type: 'text/plain', body: reason });
  }
}

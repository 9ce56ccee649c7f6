import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** What a command printed, on both streams, and its exit code; null when a signal ended it. */
export interface Outcome {
  code: number | null;
  output: string;
}

/** A command that runs in a copy, in a process group of its own. */
export interface RunningCommand {
  child: ChildProcess;
  /** All that it printed so far. */
  output(): string;
  /** Resolves when it has printed the text. Rejects, with its output, when it ends without. */
  prints(text: string | RegExp): Promise<void>;
  /** Resolves when that is so. Rejects, with its output, when it ends before. */
  until(isSo: () => boolean): Promise<void>;
  /** Sends a signal to the whole process group, as a terminal does. */
  signal(name: NodeJS.Signals): void;
  ended: Promise<Outcome>;
}

/** A copy of the project in a temporary folder, with its own build and the same node_modules. */
export interface ProjectCopy {
  folder: string;
  /** Writes a file of the copy. */
  write(path: string, text: string): void;
  /** Writes `.env`. */
  configure(variables: Record<string, string>): void;
  start(command: string[], variables?: NodeJS.ProcessEnv): RunningCommand;
  run(command: string[], variables?: NodeJS.ProcessEnv): Promise<Outcome>;
  git(...args: string[]): string;
}

const folders: string[] = [];
const running = new Set<ChildProcess>();

/** Copies what git tracks or would track, and builds it; with `git`, as a repository with one commit. */
export function copyProject({ git: isRepository = false } = {}): ProjectCopy {
  const folder = mkdtempSync(join(tmpdir(), 'project-copy-'));
  folders.push(folder);
  const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  // What is deleted is tracked still; node_modules is not ignored where it is a link.
  const paths = tracked.split('\0').filter((path) => !/^(node_modules)?$/.test(path) && existsSync(path));
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(path, join(folder, path), { verbatimSymlinks: true });
  }
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  execFileSync(process.execPath, ['build.mjs'], { cwd: folder, stdio: 'pipe' });

  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, env: environment(), encoding: 'utf8', stdio: 'pipe' }).trim();
  if (isRepository) {
    git('init', '--quiet');
    // .gitignore has node_modules/, a folder; here it is a link.
    writeFileSync(join(folder, '.git/info/exclude'), 'node_modules\n');
    git('add', '--all');
    git('-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '--quiet', '-m', 'test: copy');
  }

  const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
  const start = (command: string[], variables: NodeJS.ProcessEnv = {}) =>
    startCommand(folder, command, variables);
  return {
    folder,
    write,
    configure: (variables) =>
      write(
        '.env',
        Object.entries(variables)
          .map(([key, value]) => `${key}=${value}\n`)
          .join(''),
      ),
    start,
    run: (command, variables) => start(command, variables).ended,
    git,
  };
}

/** Ends what still runs in the copies, and removes them. */
export async function removeProjectCopies(): Promise<void> {
  for (const child of running) {
    const ended = new Promise((done) => child.once('close', done));
    signalGroup(child, 'SIGKILL');
    await ended;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Waits until no process of a command's group is left, 5 s at most. Gives the lines `ps` shows of those that are. */
export async function waitForGroupToEnd({ child }: RunningCommand): Promise<string[]> {
  const deadline = performance.now() + 5000;
  for (;;) {
    const lines = execFileSync('ps', ['-A', '-o', 'pgid=,stat=,args='], { encoding: 'utf8' }).split('\n');
    // A zombie has ended; whoever is its parent now has not looked yet.
    const left = lines.filter((line) => line.trim().startsWith(`${child.pid} `) && !/^ *\d+ +Z/.test(line));
    if (left.length === 0 || performance.now() > deadline) return left;
    await setTimeout(50);
  }
}

function startCommand(
  folder: string,
  [program = '', ...args]: string[],
  variables: NodeJS.ProcessEnv,
): RunningCommand {
  const child = spawn(program, args, {
    cwd: folder,
    env: environment(variables),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<Outcome>((done) => {
    child.once('close', (code) => {
      running.delete(child);
      done({ code, output });
    });
  });
  const prints = (text: string | RegExp) =>
    new Promise<void>((done, fail) => {
      const look = () => {
        if (typeof text === 'string' ? output.includes(text) : text.test(output)) done();
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      ended.then(() => fail(new Error(`It ended without printing ${text}:\n${output}`)));
      look();
    });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) {
      if (!running.has(child)) throw new Error(`It ended too early:\n${output}`);
      await setTimeout(20);
    }
  };
  const signal = (name: NodeJS.Signals) => signalGroup(child, name);
  return { child, output: () => output, prints, until, signal, ended };
}

function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-(pid ?? 0), name);
  } catch {} // It has ended.
}

/** Nothing of this process's environment but what a program needs to run; nothing of this person's git settings. */
function environment(variables: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  const quiet = {
    npm_config_update_notifier: 'false',
    GIT_CONFIG_GLOBAL: '/dev/null',
    NODE_DISABLE_COMPILE_CACHE: '1', // From Node 22 on npm keeps one in the temporary folder.
  };
  return { PATH, HOME, ...quiet, ...variables };
}

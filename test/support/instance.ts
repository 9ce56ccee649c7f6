import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { CA_FILE } from './certificate';
import { hostedContext } from './inbound-forms';
import type { FunctionAnswer, LogLine } from './run-function';
import { RESPONSE_FILE } from './twilio-global';

/** What the instance answered, the lines it printed for it, and the real milliseconds that took. */
export type InstanceAnswer = FunctionAnswer & { error: unknown; ms: number };

type Message = { line?: LogLine; invocation?: number; answer?: InstanceAnswer; resources?: string[] };

const children: ChildProcess[] = [];

/** The built /sms as a warm instance that meets many texts at once and trusts the tests' certificates. */
export class Instance {
  private readonly answers: ((answer: InstanceAnswer) => void)[] = [];
  private readonly resources: ((names: string[]) => void)[] = [];
  private readonly lines: LogLine[] = [];
  private readonly ended: Promise<number | null>;

  private constructor(
    private readonly child: ChildProcess,
    readonly speed: number,
  ) {
    this.ended = once(child, 'exit').then(([code]) => code);
    child.on('message', ({ line, invocation, answer, resources }: Message) => {
      if (line) this.lines.push(line);
      if (invocation !== undefined && answer) this.answers[invocation]?.(answer);
      if (resources) this.resources.shift()?.(resources);
    });
  }

  /** Starts an instance whose time runs this many times as fast as ours. */
  static async start(speed: number): Promise<Instance> {
    const runner = resolve('test/support/instance-runner.cjs');
    const child = fork(runner, [resolve('dist/functions/sms.protected.js'), RESPONSE_FILE, String(speed)], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: CA_FILE },
      execArgv: [],
    });
    children.push(child);
    await once(child, 'message');
    return new Instance(child, speed);
  }

  /** Hands it a text for the backend at this URL. Rejects when the instance has crashed. */
  async receive(baseUrl: string, form: { MessageSid: string }): Promise<InstanceAnswer> {
    const answered = new Promise<InstanceAnswer>((resolve) => {
      const invocation = this.answers.push(resolve) - 1;
      this.child.send({ invocation, context: hostedContext(baseUrl), event: form });
    });
    const answer = await this.orCrash(answered);
    return { ...answer, log: this.linesOf(form.MessageSid) };
  }

  linesOf(messageSid: string): LogLine[] {
    return this.lines.filter(({ line }) => line.includes(messageSid));
  }

  get lineCount(): number {
    return this.lines.length;
  }

  /** What keeps its process alive. */
  activeResources(): Promise<string[]> {
    const told = new Promise<string[]>((resolve) => this.resources.push(resolve));
    this.child.send({});
    return this.orCrash(told);
  }

  /** Lets go of its process, which ends by itself when nothing is left in it; its exit code. */
  letGo(): Promise<number | null> {
    this.child.send({ event: 'let go' });
    return this.ended;
  }

  private orCrash<T>(promise: Promise<T>): Promise<T> {
    const crash = this.ended.then((code) => {
      throw new Error(`The instance has crashed (exit code ${code}).`);
    });
    return Promise.race([promise, crash]);
  }
}

/** Ends what Instance.start() started. */
export function killInstances(): void {
  for (const child of children.splice(0)) child.kill('SIGKILL');
}

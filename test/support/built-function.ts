import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { FunctionAnswer } from './run-function';
import { RESPONSE_FILE } from './twilio-global';

/** What a built Function answered; `required` is what its file has loaded, `calls` how often it called back. */
export type BuiltFunctionAnswer = FunctionAnswer & { calls: number; error: unknown; required: string[] };

type Invocation = { context: object; form: object; headers?: object };

const processes: ChildProcess[] = [];

/** Starts a built Function in a process of this same Node, where it answers one invocation at a time. */
export async function startBuiltFunction(file: string, variables: NodeJS.ProcessEnv = {}) {
  const child = fork(resolve('test/support/built-function-runner.cjs'), [resolve(file), RESPONSE_FILE], {
    env: { ...process.env, ...variables },
    execArgv: [],
  });
  processes.push(child);
  await message(child);
  return async (invocation: Invocation): Promise<BuiltFunctionAnswer> => {
    child.send({ headers: {}, ...invocation });
    return message(child);
  };
}

/** Ends what startBuiltFunction started. */
export function closeBuiltFunctions(): void {
  for (const child of processes.splice(0)) child.kill();
}

async function message(child: ChildProcess): Promise<BuiltFunctionAnswer> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const [answer] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`The Function's process ended with ${code}.`);
      }),
    ]);
    return answer;
  } finally {
    over.abort();
  }
}

// A warm instance of one contender. Each message asks for a round: so many texts, this many at a time.
import { createRequire } from 'node:module';
import { CONTENDERS } from './contenders.mjs';
import { invoke } from './invoke.cjs';
import './twilio-global.cjs';

const { handler } = createRequire(import.meta.url)(CONTENDERS[process.argv[2]]);

process.on('message', async ({ texts, atATime }) => {
  const taken = [];
  let begun = 0;
  const deliverInTurn = async () => {
    while (begun < texts) {
      begun += 1;
      taken.push((await invoke(handler)).ms);
    }
  };
  await Promise.all(Array.from({ length: atATime }, deliverInTurn));
  process.send(taken);
});

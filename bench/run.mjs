// npm run bench: the tables of README.md. Compare ratios, not milliseconds: they are of one run on one machine.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { figuresOf, runClient, startClient } from './client.mjs';
import { CONTENDERS } from './contenders.mjs';
import { median, percentile } from './statistics.mjs';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const names = Object.keys(CONTENDERS);
const server = fork(here('server.mjs'));
const [{ delivers, ...failures }] = await once(server, 'message');

await printWarm('One at a time', 1);
await printWarm('30 at a time', 30);
await printCold();
await printFailing();
server.disconnect();

async function printWarm(title, atATime) {
  const clients = names.map((name) => startClient('warm.mjs', delivers, name));
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < 35; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const index = (round + turn) % names.length; // Each has each place in turn.
      const name = names[index];
      clients[index].send({ texts: 300, atATime });
      const taken = await figuresOf(clients[index]);
      if (round >= 5) figures[name].push(taken); // The first ones warm up.
    }
  }
  for (const client of clients) client.disconnect();
  printTable([title, 'median ms', 'p99 ms', '× floor', '/sms is this × of it'], names, (name) => {
    const all = figures[name].flat();
    return [
      median(all).toFixed(3),
      percentile(all, 99).toFixed(3),
      ratio(figures[name], figures.floor),
      ratio(figures['/sms'], figures[name]),
    ];
  });
}

/** How many times as long, round by round, so that what else the machine did in a round cancels out. */
function ratio(rounds, otherRounds) {
  return median(rounds.map((taken, round) => median(taken) / median(otherRounds[round]))).toFixed(2);
}

async function printCold() {
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < 11; round += 1) {
    for (const name of names) figures[name].push(await runClient('cold.mjs', delivers, name));
  }
  const floorMs = median(figures.floor.map(({ firstAnswerMs }) => firstAnswerMs));
  const header = ['Cold', 'loaded, ms', 'first answer, ms', '× floor', 'files loaded with it', 'its own kB'];
  printTable(header, names, (name) => {
    const firstAnswerMs = median(figures[name].map((figure) => figure.firstAnswerMs));
    return [
      median(figures[name].map(({ loadMs }) => loadMs)).toFixed(1),
      firstAnswerMs.toFixed(1),
      (firstAnswerMs / floorMs).toFixed(2),
      figures[name][0].modules,
      (statSync(here(CONTENDERS[name])).size / 1000).toFixed(1),
    ];
  });
}

async function printFailing() {
  const moods = Object.keys(failures);
  const all = await Promise.all(moods.map((mood) => runClient('failing.mjs', failures[mood])));
  printTable(['Fikiri …', 'median s', 'longest s', 'Twilio is told'], moods, (mood) => {
    const { taken, status } = all[moods.indexOf(mood)];
    return [(median(taken) / 1000).toFixed(2), (Math.max(...taken) / 1000).toFixed(2), status];
  });
}

function printTable(header, subjects, cellsOf) {
  const rows = [header, header.map((_, column) => (column === 0 ? '---' : '---:'))];
  for (const subject of subjects) rows.push([subject, ...cellsOf(subject)]);
  console.log(`\n${rows.map((row) => `| ${row.join(' | ')} |`).join('\n')}`);
}

// A cold instance: the SDK is loaded, as the runtime has it; one contender is loaded and delivers its first text.
import { createRequire } from 'node:module';
import { CONTENDERS } from './contenders.mjs';
import { invoke } from './invoke.cjs';
import './twilio-global.cjs';

const require = createRequire(import.meta.url);
const file = CONTENDERS[process.argv[2]];
const before = new Set(Object.keys(require.cache));
console.log('The runtime has printed before, too.');

const startedAt = performance.now();
const { handler } = require(file);
const loadMs = performance.now() - startedAt;
await invoke(handler);
const firstAnswerMs = performance.now() - startedAt;

const modules = Object.keys(require.cache).filter((module) => !before.has(module)).length - 1;
process.send({ loadMs, firstAnswerMs, modules });

// Texts, ten at a time, that Fikiri does not take: how long until Twilio is told.
import { createRequire } from 'node:module';
import { CONTENDERS } from './contenders.mjs';
import { invoke } from './invoke.cjs';
import './twilio-global.cjs';

console.error = () => {}; // Each text that failed prints its line; this process times them.

const { handler } = createRequire(import.meta.url)(CONTENDERS['/sms']);
const answers = await Promise.all(Array.from({ length: 10 }, () => invoke(handler)));
process.send({ taken: answers.map(({ ms }) => ms), status: answers[0].answer.statusCode });

import { Server } from 'node:net';

// Loaded before twilio-run, and into each process that it forks to run a Function.

// twilio-run listens on every interface of the machine: a laptop in a café would offer the local Functions to all.
// A tunnel reaches loopback just as well.
const { listen } = Server.prototype;
Server.prototype.listen = function (this: Server, ...args: unknown[]) {
  const [port, ...rest] = args;
  const onLoopback = /^\d+$/.test(String(port)) ? [port, '127.0.0.1', ...rest] : args;
  return Reflect.apply(listen, this, onLoopback) as Server;
};

// A Function whose twilio-run has ended would run for ever, in a loop that reports to nobody that it cannot report.
process.once('disconnect', () => process.exit());

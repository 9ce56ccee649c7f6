import { Server } from 'node:net';

// Loaded before twilio-run, which listens on every interface of the machine: a laptop in a café would offer the
// local Functions to all. A tunnel reaches loopback just as well.
const { listen } = Server.prototype;
Server.prototype.listen = function (this: Server, ...args: unknown[]) {
  const [port, ...rest] = args;
  const onLoopback = typeof port === 'number' ? [port, '127.0.0.1', ...rest] : args;
  return Reflect.apply(listen, this, onLoopback) as Server;
};

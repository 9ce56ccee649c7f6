import { resolve } from 'node:path';
import * as twilio from 'twilio';

/** The runtime's own Response: its package exports no path to it, so it is loaded by its file name. */
export const RESPONSE_FILE = resolve(
  'node_modules/@twilio/runtime-handler/dist/dev-runtime/internal/response.js',
);

// The global that Twilio's runtime gives a Function: the SDK, and Response beside it.
globalThis.Twilio = { ...twilio, Response: require(RESPONSE_FILE).Response } as typeof globalThis.Twilio;

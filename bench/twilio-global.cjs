// The global that Twilio's runtime gives a Function: the SDK, and Response beside it.
const { join } = require('node:path');

const runtime = join(__dirname, '../node_modules/@twilio/runtime-handler');
const { Response } = require(`${runtime}/dist/dev-runtime/internal/response.js`);
globalThis.Twilio = { ...require('twilio'), Response };

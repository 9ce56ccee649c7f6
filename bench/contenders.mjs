/** Who delivers the same text, by the name the tables give them. Each is a Function, as Twilio's runtime loads it. */
export const CONTENDERS = {
  floor: './contenders/floor.cjs',
  signed: './contenders/signed.cjs',
  '/sms': '../dist/functions/sms.protected.js',
  'node-fetch 2': './contenders/node-fetch.cjs',
  axios: './contenders/axios.cjs',
  fetch: './contenders/fetch.cjs',
};

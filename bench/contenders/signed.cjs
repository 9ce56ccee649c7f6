// What no delivery can do without, as bare as can be: the floor, and for each text its form, encoded and signed.
const { Agent, request } = require('node:https');

const url = new URL('/api/webhooks/twilio/sms', process.env.FIKIRI_BASE_URL);
const { hostname, port, pathname: path, host, href } = url;
const address = { hostname, port, path, method: 'POST', agent: new Agent({ keepAlive: true }) };

exports.handler = ({ AUTH_TOKEN }, event, callback) => {
  const { request: _, ...form } = event;
  const body = new URLSearchParams(form).toString();
  const headers = ['Host', host, 'Content-Type', 'application/x-www-form-urlencoded; charset=UTF-8'];
  headers.push('Content-Length', body.length, 'Idempotency-Key', form.MessageSid);
  headers.push('X-Twilio-Signature', Twilio.getExpectedTwilioSignature(AUTH_TOKEN, href, form));
  const sent = request({ ...address, headers }, (response) => {
    response.on('end', () => callback(null, response.statusCode)).resume();
  });
  sent.on('error', callback).end(body);
};

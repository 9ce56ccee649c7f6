// As Twilio's json-webhook template does it, but for the form and its signature.
// https://github.com/twilio-labs/function-templates/tree/main/json-webhook
const fetch = require('node-fetch');

exports.handler = async (context, event, callback) => {
  const { request: _, ...form } = event;
  const url = `${context.FIKIRI_BASE_URL}/api/webhooks/twilio/sms`;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'X-Twilio-Signature': Twilio.getExpectedTwilioSignature(context.AUTH_TOKEN, url, form) },
      body: new URLSearchParams(form),
    });
    if (!answer.ok) return callback(answer.statusText);
    return callback(null, new Twilio.twiml.MessagingResponse());
  } catch (error) {
    return callback(error);
  }
};

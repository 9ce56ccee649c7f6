// As Twilio's documentation shows it (axios.post in try and catch), but for the form and its signature.
const axios = require('axios');

exports.handler = async (context, event, callback) => {
  const { request: _, ...form } = event;
  const url = `${context.FIKIRI_BASE_URL}/api/webhooks/twilio/sms`;
  try {
    await axios.post(url, new URLSearchParams(form), {
      headers: { 'X-Twilio-Signature': Twilio.getExpectedTwilioSignature(context.AUTH_TOKEN, url, form) },
    });
    return callback(null, new Twilio.twiml.MessagingResponse());
  } catch (error) {
    return callback(error);
  }
};

// The same with Node's own fetch.
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
    await answer.text();
    return callback(null, new Twilio.twiml.MessagingResponse());
  } catch (error) {
    return callback(error);
  }
};

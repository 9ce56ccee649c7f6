const { event, hostedContext } = require('./inbound-text.cjs');

const context = hostedContext(process.env.FIKIRI_BASE_URL);

/** Hands one text to a Function as the runtime does. Its answer, and the milliseconds until it was there. */
exports.invoke = async (handler) => {
  const inboundText = event();
  const startedAt = performance.now();
  const answer = await new Promise((resolve, reject) => {
    handler(context, inboundText, (error, answer) => (error ? reject(error) : resolve(answer)));
  });
  return { ms: performance.now() - startedAt, answer };
};

import type { TwilioResponse } from '@twilio-labs/serverless-runtime-types/types';

/** Answers with TwiML. A string would be sent as text/plain, so the type is set here. */
export function respondTwiml(twiml: string): TwilioResponse {
  return respond(200, 'text/xml', twiml);
}

/** Answers with a status that makes Twilio retry, fetch the fallback and keep an alert; the text lands in it. */
export function respondError(status: number, text: string): TwilioResponse {
  return respond(status, 'text/plain', text);
}

/** Answers a request that Twilio did not sign. */
export function respondRefusal(): TwilioResponse {
  return respondError(403, 'Refused: not signed by Twilio for this URL.');
}

function respond(status: number, type: string, body: string): TwilioResponse {
  return new Twilio.Response().setStatusCode(status).appendHeader('Content-Type', type).setBody(body);
}

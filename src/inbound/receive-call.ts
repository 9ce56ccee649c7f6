import type { TwilioResponse } from '@twilio-labs/serverless-runtime-types/types';
import { logCall, logRefusedCall } from './log-lines';
import { type InboundEvent, parseInboundCall } from './parse-inbound';
import { respondRefusal, respondTwiml } from './respond';
import { type FunctionContext, isForged } from './verify-signature';

/** What a caller hears. Fikiri's own voice webhook, in force after `attach --direct`, has a greeting of its own. */
export const GREETING = 'Thanks for calling Fikiri. Please contact us by email or the website.';

/** Answers an inbound call with the greeting and hangs up. Needs no configuration and no network. */
export function receiveCall(context: FunctionContext, event: InboundEvent): TwilioResponse {
  const call = parseInboundCall(event);
  if (isForged(context, event)) {
    logRefusedCall(call);
    return respondRefusal();
  }
  logCall(call);
  const response = new Twilio.twiml.VoiceResponse();
  response.say({ voice: 'alice' }, GREETING);
  response.hangup();
  return respondTwiml(response.toString());
}

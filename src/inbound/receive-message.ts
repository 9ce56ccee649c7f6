import type { TwilioResponse } from '@twilio-labs/serverless-runtime-types/types';
import { parseFikiri, type Variables } from '../config';
import { ConfigurationError } from '../errors';
import { deliver } from './deliver';
import { logDelivery, logMessageError, logRefusedMessage } from './log-lines';
import { type InboundEvent, parseInboundMessage } from './parse-inbound';
import { respondError, respondRefusal, respondTwiml } from './respond';
import { type FunctionContext, isForged } from './verify-signature';

/** Answers an inbound message. Twilio is told 200 only when Fikiri has it; never rejects. */
export async function receiveMessage(
  context: FunctionContext & Variables,
  event: InboundEvent,
): Promise<TwilioResponse> {
  const message = parseInboundMessage(event);
  try {
    if (isForged(context, event)) {
      logRefusedMessage(message);
      return respondRefusal();
    }
    const delivery = await deliver(message, parseFikiri(context));
    logDelivery(message, delivery);
    if (!delivery.delivered) return respondError(502, `Not delivered to Fikiri: ${delivery.reason}`);
    return respondTwiml(delivery.twiml ?? '<Response/>');
  } catch (error) {
    if (error instanceof ConfigurationError) {
      logMessageError(message, 'configuration', error.message);
      return respondError(500, error.message);
    }
    // The place of the defect, not its message: that could quote the text.
    const place = String((error as Error)?.stack)
      .split('\n')[1]
      ?.trim();
    logMessageError(message, 'defect', `A defect in the Function, ${place}: report it, then npm run replay`);
    return respondError(502, 'Not delivered to Fikiri: a defect in the Function');
  }
}

import { formatLogLine, maskNumber } from '../log';
import type { Delivery } from './deliver';
import type { InboundCall, InboundMessage } from './parse-inbound';
import { remedyFor } from './remedy';

// Every line a Function prints, one per invocation; docs/support.md has a row for each. Twilio makes an alert of
// console.warn and console.error.

export function logDelivery(message: InboundMessage, delivery: Delivery): void {
  const { attempts, ms } = delivery;
  if (!delivery.delivered) {
    const { reason } = delivery;
    console.error(messageLine('failed', message, { reason, attempts, ms, fix: remedyFor(reason) }));
    return;
  }
  const fields = { media: message.mediaCount, status: delivery.status, attempts, ms };
  const line = messageLine('delivered', message, fields);
  if (attempts > 1) console.warn(line);
  else console.log(line);
}

/** A delivery that could not be tried: a ConfigurationError's message, or where a defect struck. */
export function logMessageError(message: InboundMessage, reason: string, fix: string): void {
  console.error(messageLine('failed', message, { reason, attempts: 0, ms: 0, fix }));
}

export function logRefusedMessage(message: InboundMessage): void {
  console.warn(messageLine('refused', message, REFUSED));
}

export function logCall(call: InboundCall): void {
  console.log(callLine('answered', call));
}

export function logRefusedCall(call: InboundCall): void {
  console.warn(callLine('refused', call, REFUSED));
}

const REFUSED = {
  reason: 'signature',
  fix: 'Not signed by Twilio for this URL: nothing to do unless you sent it',
};

function messageLine(word: string, { messageSid, from }: InboundMessage, fields: object): string {
  return formatLogLine(`sms ${word}`, { sid: messageSid || '-', from: maskNumber(from), ...fields });
}

function callLine(word: string, { callSid, from }: InboundCall, fields: object = {}): string {
  return formatLogLine(`voice ${word}`, { sid: callSid || '-', from: maskNumber(from), ...fields });
}

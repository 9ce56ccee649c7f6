import './twilio-global';
import { parseFikiri } from '../../src/config';
import { DELIVERY_LIMITS, type Delivery, type DeliveryLimits, deliver } from '../../src/inbound/deliver';
import { parseInboundMessage } from '../../src/inbound/parse-inbound';
import type { Clock } from '../../src/inbound/retry';
import { AUTH_TOKEN, TEXT_FORM } from './inbound-forms';

/** Delivers the example text to a backend. */
export function deliverTo(url: string, clock?: Clock, limits?: Partial<DeliveryLimits>): Promise<Delivery> {
  const fikiri = parseFikiri({ FIKIRI_BASE_URL: url, AUTH_TOKEN });
  return deliver(parseInboundMessage(TEXT_FORM), fikiri, { ...DELIVERY_LIMITS, ...limits }, clock);
}

import type { Fikiri } from '../config';
import { attempt } from './attempt';
import type { InboundMessage } from './parse-inbound';
import { type Clock, isRetryable, pauseBefore, systemClock } from './retry';
import { signRequest } from './sign-request';

/** How long and how often one delivery is tried. */
export interface DeliveryLimits {
  /** For all attempts and the pauses between them. */
  budgetMs: number;
  /** For DNS, TCP and TLS of one new connection. */
  connectTimeoutMs: number;
  maxAttempts: number;
}

/**
 * A Function has 10 s, and Twilio waits 15 s in all: after 6.5 s its own retry of the webhook still fits.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
export const DELIVERY_LIMITS: DeliveryLimits = { budgetMs: 6500, connectTimeoutMs: 2000, maxAttempts: 4 };

/** With less than this left, an attempt is likelier to end in doubt than in an answer. */
const SHORTEST_ATTEMPT_MS = 250;

/** What a delivery came to. `attempts` counts from 1; `ms` is the time of all of them with their pauses. */
export type Delivery = { attempts: number; ms: number } & (
  | { delivered: true; status: number; twiml: string | undefined }
  | { delivered: false; reason: string }
);

/** Delivers an inbound message to Fikiri, at least once, each time with the same Idempotency-Key. */
export async function deliver(
  message: InboundMessage,
  fikiri: Fikiri,
  limits: DeliveryLimits = DELIVERY_LIMITS,
  clock: Clock = systemClock,
): Promise<Delivery> {
  const request = signRequest(message, fikiri);
  const startedAt = clock.now();
  const spentMs = () => clock.now() - startedAt;

  for (let attempts = 1; ; attempts += 1) {
    const result = await attempt(request, limits.connectTimeoutMs, limits.budgetMs - spentMs());
    const ms = Math.round(spentMs());
    if (result.answered && result.status >= 200 && result.status < 300) {
      return { delivered: true, status: result.status, twiml: result.twiml, attempts, ms };
    }

    const pauseMs = pauseBefore(attempts + 1, result, clock);
    const fits = spentMs() + pauseMs + SHORTEST_ATTEMPT_MS <= limits.budgetMs;
    if (!isRetryable(result) || attempts === limits.maxAttempts || !fits) {
      return {
        delivered: false,
        reason: result.answered ? `status_${result.status}` : result.reason,
        attempts,
        ms,
      };
    }
    await clock.sleep(pauseMs);
  }
}

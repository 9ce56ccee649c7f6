import { ApiError, answerError } from './api';
import { type HttpAnswer, type JournalEntry, NoAnswer } from './request';

/** What `fail` answers: Twilio's error JSON with this status, or nothing. */
export type Failure =
  | { status: number; code?: number; message?: string; retryAfter?: number }
  | 'hang'
  | 'reset';

/** The failures a test ordered. */
export class Failures {
  private readonly ordered: {
    matches: (request: JournalEntry) => boolean;
    failure: Failure;
    times: number;
  }[] = [];

  add(matches: (request: JournalEntry) => boolean, failure: Failure, times: number): void {
    this.ordered.push({ matches, failure, times });
  }

  /** The answer ordered for a request, if one is. Throws NoAnswer when there must be none. */
  answer(request: JournalEntry): HttpAnswer | undefined {
    const order = this.ordered.find(({ matches, times }) => times > 0 && matches(request));
    if (!order) return undefined;
    order.times -= 1;
    return answerFailure(order.failure);
  }
}

function answerFailure(failure: Failure): HttpAnswer {
  if (typeof failure === 'string') throw new NoAnswer(failure);
  const { status, code, message = 'The stand-in was told to fail', retryAfter } = failure;
  const known: Record<number, number> = { 401: 20003, 403: 20403, 404: 20404, 429: 20429, 500: 20500 };
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  return answerError(new ApiError(status, code ?? known[status] ?? 20000 + status, message, headers));
}

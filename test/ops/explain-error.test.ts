import { RestException } from 'twilio';
import { explainError } from '../../src/ops/explain-error';

const errorOf = (statusCode: number, message: string, code?: number) =>
  new RestException({ statusCode, body: { message, ...(code && { code }) } } as never);

describe('an error of Twilio', () => {
  it.each([
    [errorOf(400, 'Invalid.', 21211), 'Twilio answered 400 (error 21211): Invalid.'],
    [errorOf(409, 'It exists'), 'Twilio answered 409: It exists.'],
    [errorOf(401, 'A', 1), 'Twilio answered 401 (error 1): A. Check ACCOUNT_SID and AUTH_TOKEN in .env.'],
    [
      errorOf(403, 'A', 1),
      "Twilio answered 403 (error 1): A. These credentials may not do this: use the account's own Auth Token.",
    ],
    [
      errorOf(404, 'A', 1),
      'Twilio answered 404 (error 1): A. It was removed meanwhile, or belongs to another account.',
    ],
    [errorOf(429, 'A', 1), 'Twilio answered 429 (error 1): A. Too many requests: try again in a minute.'],
    [
      errorOf(500, 'A', 1),
      'Twilio answered 500 (error 1): A. Twilio has a problem: try again, and see https://status.twilio.com',
    ],
  ])('is a fact and, where there is one, a remedy', (error, message) => {
    expect(explainError(error)).toBe(message);
  });

  it('is no defect of our own', () => {
    expect(explainError(new TypeError('a defect'))).toBeUndefined();
  });
});

describe('an error that is not of Twilio', () => {
  it('is not explained: a file that cannot be read is no network', () => {
    const error = Object.assign(new Error('EISDIR: illegal operation on a directory, read'), {
      code: 'EISDIR',
    });
    expect(explainError(error)).toBeUndefined();
  });
});

import { RequestClient } from 'twilio';
import { postWebhook } from '../../src/ops/post-webhook';
import { STAND_IN_ACCOUNT, type StandInBackend, startStandInBackend } from '../../src/ops/stand-in-backend';

const WEBHOOK = '/api/webhooks/twilio/sms';
const form = { Body: 'Olá 👋' };
let fikiri: StandInBackend;

beforeEach(async () => {
  fikiri = await startStandInBackend();
});
afterEach(() => fikiri.close());

const post = (authToken?: string) =>
  postWebhook(new RequestClient(), fikiri.origin + WEBHOOK, form, authToken);

describe('the stand-in Fikiri', () => {
  it('answers a signed text with 200 and an empty page', async () => {
    expect(await post(STAND_IN_ACCOUNT.AUTH_TOKEN)).toEqual({ status: 200, body: '' });
    expect(fikiri.received).toEqual([{ form, idempotencyKey: undefined, status: 200 }]);
  });

  it('answers a forged or unsigned text with 403', async () => {
    expect(await post('another-token')).toMatchObject({ status: 403 });
    expect(await post()).toMatchObject({ status: 403 });
  });

  it.each([
    ['GET', '/api/health/live', 200],
    ['GET', WEBHOOK, 404],
    ['POST', '/api/webhooks/twilio/voice', 404],
    ['GET', '/', 404],
  ])('answers %s %s with %i', async (method, path, status) => {
    expect((await fetch(fikiri.origin + path, { method })).status).toBe(status);
    expect(fikiri.received).toEqual([]);
  });

  it('listens on loopback only', async () => {
    // Also this machine, but not the address that is listened on: a server on every interface would answer.
    const elsewhere = fikiri.origin.replace('127.0.0.1', '127.0.0.2');
    await expect(fetch(elsewhere)).rejects.toThrow('fetch failed');
  });
});

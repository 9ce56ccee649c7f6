import '../support/twilio-global';
import { parseInboundMessage } from '../../src/inbound/parse-inbound';
import { signRequest } from '../../src/inbound/sign-request';
import fixture from '../fixtures/signature-vectors.json';

const { url, authToken, vectors } = fixture;
const fikiri = { messageWebhook: new URL(url), authToken };

describe('a signed request', () => {
  it("is for Fikiri's webhook", () => {
    expect(signRequest(parseInboundMessage({ Body: 'Hello' }), fikiri).url.href).toBe(url);
  });

  it.each(vectors)('has the signature that twilio-python computes: $name', ({ form, signature }) => {
    const { headers } = signRequest(parseInboundMessage(form), fikiri);
    expect(headers[headers.indexOf('X-Twilio-Signature') + 1]).toBe(signature);
  });

  it('has a Content-Length that counts its bytes', () => {
    const { headers, body } = signRequest(parseInboundMessage({ Body: 'é 漢 👋' }), fikiri);
    expect(body).toBe('Body=%C3%A9+%E6%BC%A2+%F0%9F%91%8B');
    expect(headers[headers.indexOf('Content-Length') + 1]).toBe(String(Buffer.byteLength(body)));
  });
});

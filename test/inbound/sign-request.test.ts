import '../support/twilio-global';
import { parseInboundMessage } from '../../src/inbound/parse-inbound';
import { signRequest } from '../../src/inbound/sign-request';
import fixture from '../fixtures/signature-vectors.json';

const { url, authToken, vectors } = fixture;
const fikiri = { origin: new URL(url).origin, authToken };

describe('a signed request', () => {
  it("is for Fikiri's webhook", () => {
    expect(signRequest(parseInboundMessage({ Body: 'Hello' }), fikiri).url.href).toBe(url);
  });

  it.each(vectors)('has the signature that twilio-python computes: $name', ({ form, signature }) => {
    const { headers } = signRequest(parseInboundMessage(form), fikiri);
    expect(headers['X-Twilio-Signature']).toBe(signature);
  });

  it('has a Content-Length that counts its bytes', () => {
    const { headers, body } = signRequest(parseInboundMessage({ Body: 'é 漢 👋' }), fikiri);
    expect(body).toBe('Body=%C3%A9+%E6%BC%A2+%F0%9F%91%8B');
    expect(headers['Content-Length']).toBe(Buffer.byteLength(body));
  });
});

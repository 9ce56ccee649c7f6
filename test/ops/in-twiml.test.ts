import { twiml } from 'twilio';
import { inTwiml } from '../../src/ops/in-twiml';

describe('text in TwiML', () => {
  it.each(['Thanks for calling.', 'Smith & Sons', '1 < 2 > 0, "so" they say', 'Grüße 👋'])(
    'is as a voice response has it: %s',
    (text) => {
      const response = new twiml.VoiceResponse();
      response.say({ voice: 'alice' }, text);
      expect(response.toString()).toContain(`<Say voice="alice">${inTwiml(text)}</Say>`);
    },
  );
});

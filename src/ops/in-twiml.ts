import { twiml } from 'twilio';

/** Text as it stands in TwiML, where & and < are written otherwise. */
export function inTwiml(text: string): string {
  const response = new twiml.VoiceResponse();
  response.say(text);
  return response.toString().replace(/^.*<Say>|<\/Say>.*$/g, '');
}

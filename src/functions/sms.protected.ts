import type { ServerlessFunctionSignature } from '@twilio-labs/serverless-runtime-types/types';
import { receiveMessage } from '../inbound/receive-message';

/** `POST /sms`: an inbound text. The file's name makes it protected: Twilio's gateway checks the signature. */
export const handler: ServerlessFunctionSignature = async (context, event, callback) => {
  callback(null, await receiveMessage(context, event));
};

import type { ServerlessFunctionSignature } from '@twilio-labs/serverless-runtime-types/types';
import { receiveCall } from '../inbound/receive-call';

/** `POST /voice`: an inbound call. The file's name makes it protected: Twilio's gateway checks the signature. */
export const handler: ServerlessFunctionSignature = async (context, event, callback) => {
  callback(null, receiveCall(context, event));
};

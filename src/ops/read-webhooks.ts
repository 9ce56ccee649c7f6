import type { Twilio } from 'twilio';
import type { IncomingPhoneNumberInstance } from 'twilio/lib/rest/api/v2010/account/incomingPhoneNumber';
import type { ServiceInstance } from 'twilio/lib/rest/messaging/v1/service';
import { OperatorError } from '../errors';

/** The phone numbers to attach, and the Messaging Services they are in. */
export interface Webhooks {
  numbers: IncomingPhoneNumberInstance[];
  messagingServices: MessagingService[];
}

/** A Messaging Service with the SIDs of all its numbers, ours and others. */
export interface MessagingService {
  resource: ServiceInstance;
  numberSids: string[];
}

/** Reads how Twilio reaches us now. Throws OperatorError if a number is not in the account, naming those that are. */
export async function readWebhooks(client: Twilio, phoneNumbers: string[]): Promise<Webhooks> {
  const inAccount = await client.incomingPhoneNumbers.list();
  const numbers = phoneNumbers.map((phoneNumber) => {
    const number = inAccount.find((each) => each.phoneNumber === phoneNumber);
    if (number) return number;
    const others = inAccount.map((each) => each.phoneNumber).join(', ') || 'none';
    throw new OperatorError(
      `${phoneNumber} is not in this Twilio account; its numbers are: ${others}. Correct PHONE_NUMBER in .env, or ACCOUNT_SID if this is the wrong account.`,
    );
  });

  const messagingServices: MessagingService[] = [];
  for (const resource of await client.messaging.v1.services.list()) {
    // Not resource.phoneNumbers(): in twilio 6.2.0 a service that comes from a list does not know its own SID.
    const members = await client.messaging.v1.services(resource.sid).phoneNumbers.list();
    const numberSids = members.map(({ sid }) => sid);
    if (numbers.some(({ sid }) => numberSids.includes(sid))) messagingServices.push({ resource, numberSids });
  }
  return { numbers, messagingServices };
}

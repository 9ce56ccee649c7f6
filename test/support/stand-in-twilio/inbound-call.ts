import { type Account, newSid } from './account';
import {
  askWithFallback,
  completeForm,
  type InboundOptions,
  type InboundResult,
  unanswered,
} from './inbound';
import { findNumber } from './phone-numbers';

/** A call that somebody makes. */
export interface InboundCall {
  from: string;
  to: string;
  /** Any other parameter of the form, or one to replace. */
  [parameter: string]: string;
}

/** Calls a number of the account. */
export async function receiveCall(
  account: Account,
  call: InboundCall,
  options: InboundOptions,
): Promise<InboundResult & { callSid: string }> {
  const { from, to, ...parameters } = call;
  const number = findNumber(account, to);
  const callSid = parameters['CallSid'] ?? newSid('CA');
  const place = (party: string, city: string, state: string, zip: string) => ({
    [`${party}City`]: city,
    [`${party}State`]: state,
    [`${party}Zip`]: zip,
    [`${party}Country`]: 'US',
  });
  const form = completeForm(parameters, {
    ...place('Called', '', '', ''),
    ...place('To', '', '', ''),
    ...place('Caller', 'SAN FRANCISCO', 'CA', '94105'),
    ...place('From', 'SAN FRANCISCO', 'CA', '94105'),
    AccountSid: account.sid,
    ApiVersion: '2010-04-01',
    CallSid: callSid,
    CallStatus: 'ringing',
    Called: to,
    Caller: from,
    Direction: 'inbound',
    From: from,
    To: to,
  });
  const isElsewhere = number.voice_application_sid || number.trunk_sid;
  const result = isElsewhere
    ? unanswered(form)
    : await askWithFallback(account, callSid, form, options, [
        { url: number.voice_url, method: number.voice_method },
        { url: number.voice_fallback_url, method: number.voice_fallback_method },
      ]);
  return { callSid, ...result };
}

import { type Account, formatDate, type Given, type MessagingService, type Resource } from './account';
import type { Handler } from './api';
import { readForm } from './phone-numbers';
import { first } from './request';

/** Messaging Services and toll-free verifications. */
export const messagingHandlers: Record<string, Handler> = {
  'GET messaging /v1/Services': ({ account }) => account.messagingServices.toReversed(),

  'POST messaging /v1/Services/{Sid}': (request) => {
    const { account, sids } = request;
    const service = account.messagingServices.find(({ sid }) => sid === sids['Sid']);
    if (!service) return undefined;
    const changes = readForm(request, service, null);
    return Object.assign(service, changes, { date_updated: formatDate('date-time', account.now()) });
  },

  'GET messaging /v1/Services/{ServiceSid}/PhoneNumbers': ({ account, sids }) =>
    account.messagingServices.some(({ sid }) => sid === sids['ServiceSid'])
      ? account.servicePhoneNumbers.filter((number) => number['service_sid'] === sids['ServiceSid'])
      : undefined,

  'GET messaging /v1/Tollfree/Verifications': ({ account, query }) =>
    account.tollfreeVerifications.filter(
      (verification) =>
        [undefined, verification['status']].includes(first(query['Status'])) &&
        [undefined, verification['tollfree_phone_number_sid']].includes(
          first(query['TollfreePhoneNumberSid']),
        ),
    ),
};

/** A Messaging Service as the Console makes it: its numbers' own webhooks are not used. */
export function addMessagingService(
  account: Account,
  properties: Given<MessagingService>,
  phoneNumberSids: string[],
): MessagingService {
  const service = account.make<MessagingService>('messaging_service', {
    friendly_name: 'My New Notifications Service',
    inbound_method: 'POST',
    fallback_method: 'POST',
    sticky_sender: true,
    mms_converter: true,
    smart_encoding: true,
    scan_message_content: 'inherit',
    fallback_to_long_code: false,
    area_code_geomatch: true,
    synchronous_validation: false,
    validity_period: 36000,
    usecase: 'notifications',
    us_app_to_person_registered: false,
    use_inbound_webhook_on_number: false,
    ...properties,
  });
  account.messagingServices.push(service);
  for (const sid of phoneNumberSids) {
    const number = account.numbers.find((candidate) => candidate.sid === sid);
    if (!number) throw new Error(`The account has no number ${sid}`);
    const { phone_number } = number;
    account.servicePhoneNumbers.push(
      account.make('service_phone_number', {
        sid,
        service_sid: service.sid,
        phone_number,
        country_code: 'US',
        capabilities: ['MMS', 'SMS', 'Voice'],
      }),
    );
  }
  return service;
}

/** A verification of a toll-free number that Twilio approved, unless the properties say otherwise. */
export function addTollfreeVerification(account: Account, properties: Given<Resource>): Resource {
  const verification = account.make<Resource>('tollfree_verification', {
    business_name: 'Example',
    opt_in_type: 'VIA_TEXT',
    status: 'TWILIO_APPROVED',
    ...properties,
  });
  account.tollfreeVerifications.push(verification);
  return verification;
}

import { type Account, formatDate, type Given, type PhoneNumber, type Resource } from './account';
import { ApiError, type ApiRequest, type Handler } from './api';
import { first } from './request';

const PATH = '/2010-04-01/Accounts';
const NUMBERS = `${PATH}/{AccountSid}/IncomingPhoneNumbers`;

/** Account and IncomingPhoneNumbers of the classic API. */
export const phoneNumberHandlers: Record<string, Handler> = {
  [`GET api ${PATH}/{Sid}.json`]: ({ account, sids }) =>
    sids['Sid'] === account.sid
      ? account.make('account', {
          sid: account.sid,
          auth_token: account.authToken,
          owner_account_sid: account.sid,
          friendly_name: 'Stand-in account',
          status: 'active',
          type: 'Full',
        })
      : undefined,

  [`GET api ${NUMBERS}.json`]: ({ account, query }) =>
    account.numbers
      .filter(
        (number) =>
          // Twilio finds parts of a number too.
          number.phone_number.includes(first(query['PhoneNumber']) ?? '') &&
          [undefined, number['friendly_name']].includes(first(query['FriendlyName'])),
      )
      .reverse(),

  [`POST api ${NUMBERS}/{Sid}.json`]: (request) => {
    const number = request.account.numbers.find(({ sid }) => sid === request.sids['Sid']);
    if (!number) return undefined;
    const changes = readForm(request, number);
    // A number has a trunk or a voice application, never both.
    if (changes['trunk_sid']) changes['voice_application_sid'] = null;
    else if (changes['voice_application_sid']) changes['trunk_sid'] = null;
    return Object.assign(number, changes, {
      date_updated: formatDate('date-time-rfc-2822', request.account.now()),
    });
  },
};

/** A number with no webhook: an unset URL is '', as the classic API has it. */
export function addNumber(account: Account, properties: Given<PhoneNumber>): PhoneNumber {
  const number = account.make<PhoneNumber>('phone_number', {
    address_requirements: 'none',
    api_version: '2010-04-01',
    beta: false,
    capabilities: { voice: true, sms: true, mms: true, fax: false },
    friendly_name: properties.phone_number,
    origin: 'twilio',
    sms_url: '',
    sms_method: 'POST',
    sms_fallback_url: '',
    sms_fallback_method: 'POST',
    status_callback: '',
    status_callback_method: 'POST',
    voice_receive_mode: 'voice',
    voice_caller_id_lookup: false,
    voice_url: '',
    voice_method: 'POST',
    voice_fallback_url: '',
    voice_fallback_method: 'POST',
    emergency_status: 'Inactive',
    emergency_address_status: 'unregistered',
    status: 'in-use',
    ...properties,
  });
  account.numbers.push(number);
  return number;
}

/** The number of the account with this E.164 number. Throws when there is none. */
export function findNumber(account: Account, to: string): PhoneNumber {
  const number = account.numbers.find(({ phone_number }) => phone_number === to);
  if (!number) throw new Error(`The account has no number ${to}: addNumber first`);
  return number;
}

/** The properties a form sets: `SmsUrl` is `sms_url`. An empty value clears a SID, and a URL if that is null. */
export function readForm({ form }: ApiRequest, resource: Resource, emptyUrl: '' | null = ''): Resource {
  const changes = {} as Resource;
  for (const [name, value] of Object.entries(form)) {
    const property = name.replace(/(?<!^)(?=[A-Z])/g, '_').toLowerCase();
    if (!(property in resource)) throw new Error(`No property ${property} for ${name}`);
    const text = String(value);
    if (/_(url|callback)$/.test(property)) {
      if (text !== '' && !URL.canParse(text)) throw new ApiError(400, 21502, `${name} is not a valid URL`);
      changes[property] = text || emptyUrl;
    } else if (property.endsWith('_sid')) changes[property] = text || null;
    else if (typeof resource[property] === 'boolean') changes[property] = text.toLowerCase() === 'true';
    else if (typeof resource[property] === 'number') changes[property] = Number(text);
    else changes[property] = text;
  }
  return changes;
}

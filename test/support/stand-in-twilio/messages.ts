import { type Account, type Given, type Message, newSid, type Resource } from './account';
import type { Handler } from './api';
import { first, type Parameters } from './request';

const MESSAGES = '/2010-04-01/Accounts/{AccountSid}/Messages';

/** Messages and their media of the classic API. */
export const messageHandlers: Record<string, Handler> = {
  [`GET api ${MESSAGES}.json`]: ({ account, query }) =>
    account.messages
      .filter(
        (message) =>
          [undefined, message.to].includes(first(query['To'])) &&
          [undefined, message.from].includes(first(query['From'])) &&
          isBetween(message['date_sent'], query, 'DateSent'),
      )
      .reverse(),

  [`GET api ${MESSAGES}/{Sid}.json`]: ({ account, sids }) =>
    account.messages.find(({ sid }) => sid === sids['Sid']),

  [`GET api ${MESSAGES}/{MessageSid}/Media.json`]: ({ account, sids, query }) =>
    account.messages.some(({ sid }) => sid === sids['MessageSid'])
      ? account.media
          .filter((media) => media['parent_sid'] === sids['MessageSid'])
          .filter((media) => isBetween(media['date_created'], query, 'DateCreated'))
      : undefined,
};

/** An inbound message, received now, unless the properties say otherwise. */
export function addMessage(account: Account, properties: Given<Message>): Message {
  const mediaCount = Number(properties['num_media'] ?? 0);
  const message = account.make<Message>('message', {
    sid: newSid(mediaCount > 0 ? 'MM' : 'SM'),
    api_version: '2010-04-01',
    body: '',
    date_sent: account.now(),
    direction: 'inbound',
    num_media: '0',
    num_segments: '1',
    price_unit: 'USD',
    status: 'received',
    ...properties,
  });
  account.messages.push(message);
  for (let index = 0; index < mediaCount; index += 1) {
    const media = { parent_sid: message.sid, content_type: 'image/jpeg' };
    account.media.push(account.make<Resource>('media', media));
  }
  return message;
}

/** `Name` is a day, `Name>` and `Name<` are times, both ends included. */
function isBetween(date: unknown, query: Parameters, name: string): boolean {
  const at = Date.parse(String(date));
  const day = first(query[name]);
  const after = first(query[`${name}>`]);
  const before = first(query[`${name}<`]);
  return (
    (!day || new Date(at).toISOString().slice(0, 10) === day.slice(0, 10)) &&
    (!after || at >= Date.parse(after)) &&
    (!before || at <= Date.parse(before))
  );
}

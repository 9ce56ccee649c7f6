import { MESSAGE_WEBHOOK_PATH, VOICE_WEBHOOK_PATH } from '../config';
import type { Deployment } from './find-deployment';
import type { Webhooks } from './read-webhooks';

/** Where a number's texts and calls are to go. A fallback is undefined where there is none to fetch. */
export interface Target {
  smsUrl: string;
  smsFallbackUrl: string | undefined;
  voiceUrl: string;
  voiceFallbackUrl: string | undefined;
}

/** One resource to write: only the fields that differ, each with what it was and what it will be. */
export interface Change {
  /** For the operator: `number +18553894992`. */
  title: string;
  kind: 'number' | 'messagingService';
  sid: string;
  fields: Record<string, { from: string; to: string }>;
}

/**
 * Twilio's own retry of the text webhook: once, after a connect or read timeout or a 5xx. A caller waits, so the
 * voice webhook has none. https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
const MESSAGE_RETRY = '#rc=1&rp=ct,rt,5xx';

/** The deployed Functions, with the fallback assets that are deployed beside them. */
export function targetFunctions({ domain, assets }: Pick<Deployment, 'domain' | 'assets'>): Target {
  const asset = (path: string) => (assets.includes(path) ? `https://${domain}${path}` : undefined);
  return {
    smsUrl: `https://${domain}/sms${MESSAGE_RETRY}`,
    smsFallbackUrl: asset('/sms-unavailable.xml'),
    voiceUrl: `https://${domain}/voice`,
    voiceFallbackUrl: asset('/voice-unavailable.xml'),
  };
}

/** Fikiri's own webhooks: the way back if the Functions must go. */
export function targetFikiri(origin: string): Target {
  return {
    smsUrl: origin + MESSAGE_WEBHOOK_PATH,
    smsFallbackUrl: undefined,
    voiceUrl: origin + VOICE_WEBHOOK_PATH,
    voiceFallbackUrl: undefined,
  };
}

/** What must be written so that all texts and calls reach the target: numbers before Messaging Services. */
export function planAttachment({ numbers, messagingServices }: Webhooks, target: Target): Change[] {
  const changes: Change[] = numbers.map((number) => ({
    title: `number ${number.phoneNumber}`,
    kind: 'number',
    sid: number.sid,
    fields: compare(number, {
      smsUrl: target.smsUrl,
      smsMethod: 'POST',
      ...fallback('sms', number.smsFallbackUrl, target.smsFallbackUrl),
      voiceUrl: target.voiceUrl,
      voiceMethod: 'POST',
      ...fallback('voice', number.voiceFallbackUrl, target.voiceFallbackUrl),
      // Each of these would make Twilio ignore the URLs above.
      smsApplicationSid: '',
      voiceApplicationSid: '',
      trunkSid: '',
    }),
  }));
  for (const { resource } of messagingServices) {
    // It defers to its numbers, which are right by now.
    if (resource.useInboundWebhookOnNumber) continue;
    changes.push({
      title: `Messaging Service "${resource.friendlyName}"`,
      kind: 'messagingService',
      sid: resource.sid,
      // Its switch stays off: turned on, its other numbers would go where their own URLs point.
      fields: compare(resource, {
        inboundRequestUrl: target.smsUrl,
        inboundMethod: 'POST',
        ...fallback('', resource.fallbackUrl, target.smsFallbackUrl),
      }),
    });
  }
  return changes.filter(({ fields }) => Object.keys(fields).length > 0);
}

/** A fallback is fetched by GET, which assets answer for certain. One that is not ours stays when we have none. */
function fallback(prefix: '' | 'sms' | 'voice', current: string | null, wanted: string | undefined) {
  const name = prefix === '' ? 'fallback' : `${prefix}Fallback`;
  if (wanted) return { [`${name}Url`]: wanted, [`${name}Method`]: 'GET' };
  return isOurAsset(current) ? { [`${name}Url`]: '' } : {};
}

function isOurAsset(url: string | null): boolean {
  return /^https:\/\/[\w-]+\.twil\.io\/(sms|voice)-unavailable\.xml$/.test(url ?? '');
}

function compare(resource: object, wanted: Record<string, string>): Change['fields'] {
  const fields: Change['fields'] = {};
  for (const [field, to] of Object.entries(wanted)) {
    const from = (resource as Record<string, string | null>)[field] ?? '';
    if (from !== to) fields[field] = { from, to };
  }
  return fields;
}

import type { Account, Alert, Given } from './account';
import type { Handler } from './api';
import { first, type Parameters } from './request';

const DAY_MS = 86_400_000;

/** Monitor's alerts, kept for 30 days. The list lacks what only a fetch shows: `alert_in_list` in openapi.json. */
export const alertHandlers: Record<string, Handler> = {
  'GET monitor /v1/Alerts': ({ account, query }) =>
    kept(account)
      .filter((alert) => [undefined, alert['log_level']].includes(first(query['LogLevel'])))
      .filter((alert) => isWithin(alert['date_generated'], query))
      .reverse(),

  'GET monitor /v1/Alerts/{Sid}': ({ account, sids }) => kept(account).find(({ sid }) => sid === sids['Sid']),
};

/** An alert of now, 11200 unless the properties say otherwise. */
export function addAlert(account: Account, properties: Given<Alert>): Alert {
  const code = properties.error_code ?? '11200';
  const alert = account.make<Alert>('alert', {
    api_version: '2010-04-01',
    date_generated: account.now(),
    error_code: code,
    log_level: 'error',
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    ...properties,
  });
  account.alerts.push(alert);
  return alert;
}

/** Whether a time is between StartDate and EndDate, both included. */
export function isWithin(date: unknown, query: Parameters, defaultStart = 0): boolean {
  const at = Date.parse(String(date));
  const start = first(query['StartDate']);
  const end = first(query['EndDate']);
  return at >= (start ? Date.parse(start) : defaultStart) && (!end || at <= Date.parse(end));
}

function kept(account: Account): Alert[] {
  const oldest = account.now().getTime() - 30 * DAY_MS;
  return account.alerts.filter((alert) => Date.parse(String(alert['date_generated'])) >= oldest);
}

import { parseAccount, parseBaseUrl, parseFikiri, parsePhoneNumbers } from '../src/config';
import { ConfigurationError } from '../src/errors';

const EXAMPLE = 'Give scheme and host only, e.g. https://api.fikirisolutions.com';
const NOT_SET = `FIKIRI_BASE_URL is not set. ${EXAMPLE} (.env.example).`;
const CREDENTIALS = `FIKIRI_BASE_URL has a user name or password in it. ${EXAMPLE}.`;
const quoted = (value: string, mistake: string) => `FIKIRI_BASE_URL is "${value}": ${mistake}. ${EXAMPLE}.`;

describe('FIKIRI_BASE_URL', () => {
  it.each([
    ['https://api.fikirisolutions.com', 'https://api.fikirisolutions.com'],
    ['https://api.fikirisolutions.com/', 'https://api.fikirisolutions.com'],
    ['https://API.FikiriSolutions.com', 'https://api.fikirisolutions.com'],
    [' https://api.fikirisolutions.com\n', 'https://api.fikirisolutions.com'],
    ['https://fikiri-xxx.onrender.com:443', 'https://fikiri-xxx.onrender.com'],
    ['https://fikiri.example:8443', 'https://fikiri.example:8443'],
    ['http://localhost:5000', 'http://localhost:5000'],
    ['http://127.0.0.1:5000', 'http://127.0.0.1:5000'],
    ['http://127.1', 'http://127.0.0.1'],
    ['http://127.255.0.2:5000', 'http://127.255.0.2:5000'],
    ['http://[::1]:5000/', 'http://[::1]:5000'],
  ])('%j names the origin %s', (value, origin) => {
    expect(parseBaseUrl(value)).toBe(origin);
  });

  it.each<[unknown, string]>([
    [undefined, NOT_SET],
    ['', NOT_SET],
    ['  \n', NOT_SET],
    [42, NOT_SET],
    ['api.fikirisolutions.com', quoted('api.fikirisolutions.com', 'not a URL')],
    ['https://', quoted('https://', 'not a URL')],
    ['https://fikiri.example:99999', quoted('https://fikiri.example:99999', 'not a URL')],
    ['localhost:5000', quoted('localhost:5000', 'its scheme is not https')],
    ['ftp://fikiri.example', quoted('ftp://fikiri.example', 'its scheme is not https')],
    ['https://fikiri.example/api', quoted('https://fikiri.example/api', 'it has a path')],
    ['https://fikiri.example//', quoted('https://fikiri.example//', 'it has a path')],
    ['https://fikiri.example?a=1', quoted('https://fikiri.example?a=1', 'it has a query')],
    ['https://fikiri.example/?', quoted('https://fikiri.example/?', 'it has a query')],
    ['https://fikiri.example#a', quoted('https://fikiri.example#a', 'it has a fragment')],
    ['https://fikiri.example/#', quoted('https://fikiri.example/#', 'it has a fragment')],
    [`https://${'x'.repeat(48)}/api`, quoted(`https://${'x'.repeat(48)}/api`, 'it has a path')],
    [`https://${'x'.repeat(80)}/api`, quoted(`https://${'x'.repeat(52)}…`, 'it has a path')],
  ])('%j is refused, and the message says why and what to give', (value, message) => {
    expect(() => parseBaseUrl(value)).toThrow(new ConfigurationError(message));
  });

  it.each([
    ['http://fikiri.example', 'https://fikiri.example'],
    ['http://fikiri.example:8080', 'https://fikiri.example:8080'],
    ['http://my-localhost:5000', 'https://my-localhost:5000'],
    ['http://localhost.fikiri.example', 'https://localhost.fikiri.example'],
    ['http://127.0.0.1.fikiri.example', 'https://127.0.0.1.fikiri.example'],
    ['http://0.0.0.0:5000', 'https://0.0.0.0:5000'],
    ['http://10.0.0.1', 'https://10.0.0.1'],
  ])('%s is refused: http is for the same machine only', (value, remedy) => {
    const message = `FIKIRI_BASE_URL is "${value}": http would send texts in the clear. Use ${remedy}.`;
    expect(() => parseBaseUrl(value)).toThrow(new ConfigurationError(message));
  });

  it.each([
    'https://me:secret@fikiri.example',
    'https://me:secret@fikiri.example/api?a#b',
    'https://secret@fikiri.example',
    'https://:secret@fikiri.example',
    'http://me:secret@fikiri.example',
    'ftp://me:secret@fikiri.example',
    ' https://me:secret@fikiri.example',
    'me:secret@fikiri.example',
    'https:me:secret@fikiri.example',
    'https:/me:secret@fikiri.example/api',
    'https:///me:secret@fikiri.example/api',
    'https:\\\\me:secret@fikiri.example\\api',
    'https://me:sec/ret@fikiri.example',
    'https://me:secret@fikiri.example:99999',
    'https//me:secret@fikiri.example',
  ])('%s is refused without a word of its credentials', (value) => {
    expect(() => parseBaseUrl(value)).toThrow(new ConfigurationError(CREDENTIALS));
  });
});

describe('AUTH_TOKEN', () => {
  it.each([undefined, '', ' ', null])('%j is refused, and the message says where to find it', (authToken) => {
    const variables = { FIKIRI_BASE_URL: 'https://fikiri.example', AUTH_TOKEN: authToken };
    const message =
      'AUTH_TOKEN is not set. Locally: copy it from the Twilio Console to .env. Hosted: tick "Add my Twilio Credentials" in the service\'s settings.';
    expect(() => parseFikiri(variables)).toThrow(new ConfigurationError(message));
  });

  it('of any form is taken as it is', () => {
    const variables = { FIKIRI_BASE_URL: 'https://fikiri.example', AUTH_TOKEN: 'of-a-form-to-come' };
    expect(parseFikiri(variables).authToken).toBe('of-a-form-to-come');
  });
});

describe('Fikiri', () => {
  it('is where the variables say, however often they change in a warm instance', () => {
    const read = (FIKIRI_BASE_URL?: string) => {
      const { messageWebhook, authToken } = parseFikiri({ FIKIRI_BASE_URL, AUTH_TOKEN: 'a' });
      return `${messageWebhook.href} ${authToken}`;
    };
    expect(read('https://one.example')).toBe('https://one.example/api/webhooks/twilio/sms a');
    expect(read('https://two.example/')).toBe('https://two.example/api/webhooks/twilio/sms a');
    expect(read('https://one.example')).toBe('https://one.example/api/webhooks/twilio/sms a');
    expect(() => read('http://one.example')).toThrow(ConfigurationError);
    expect(() => read(undefined)).toThrow(ConfigurationError);
    expect(read('https://one.example')).toBe('https://one.example/api/webhooks/twilio/sms a');
  });
});

describe('ACCOUNT_SID', () => {
  const accountSid = `AC${'0123456789abcdef'.repeat(2)}`;

  it.each([
    [undefined, 'is not set'],
    ['', 'is not set'],
    ['x', 'is not AC and 32 hexadecimal digits'],
    [accountSid.slice(0, -1), 'is not AC and 32 hexadecimal digits'],
    [`${accountSid}0`, 'is not AC and 32 hexadecimal digits'],
    [accountSid.toUpperCase(), 'is not AC and 32 hexadecimal digits'],
    [accountSid.replace('AC', 'SK'), 'is not AC and 32 hexadecimal digits'],
  ])('%j is refused, and the message says why and where to find it', (value, fact) => {
    const message = `ACCOUNT_SID ${fact}. Copy .env.example to .env, and fill it in from https://console.twilio.com (Account Info).`;
    expect(() => parseAccount({ ACCOUNT_SID: value, AUTH_TOKEN: 'a' })).toThrow(
      new ConfigurationError(message),
    );
  });

  it('comes with its AUTH_TOKEN', () => {
    const variables = { ACCOUNT_SID: accountSid, AUTH_TOKEN: 'a' };
    expect(parseAccount(variables)).toEqual({ accountSid, authToken: 'a' });
    expect(() => parseAccount({ ...variables, AUTH_TOKEN: '' })).toThrow('AUTH_TOKEN is not set.');
  });
});

describe('PHONE_NUMBER', () => {
  it.each([
    [undefined, ['+18553894992']],
    ['', ['+18553894992']],
    ['+14155550100', ['+14155550100']],
    [' +14155550100 , +2901234 ', ['+14155550100', '+2901234']],
    ['+123456789012345', ['+123456789012345']],
  ])('%j names the numbers %j', (value, numbers) => {
    expect(parsePhoneNumbers({ PHONE_NUMBER: value })).toEqual(numbers);
  });

  it.each([
    ['14155550100', '14155550100'],
    ['+1 415 555 0100', '+1 415 555 0100'],
    ['+04155550100', '+04155550100'],
    ['+123456', '+123456'],
    ['+1234567890123456', '+1234567890123456'],
    ['+14155550100x', '+14155550100x'],
    ['+14155550100,', ''],
    ['+14155550100; +14155550101', '+14155550100; +14155550101'],
  ])('%j is refused, and the message quotes the number', (value, number) => {
    const message = `PHONE_NUMBER has "${number}" in it, which is not E.164. Write +18553894992, comma between several.`;
    expect(() => parsePhoneNumbers({ PHONE_NUMBER: value })).toThrow(new ConfigurationError(message));
  });
});

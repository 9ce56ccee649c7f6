import { handler } from '../../src/functions/voice.protected';
import { CALL_FORM, CALL_SID } from '../support/inbound-forms';
import { runFunction } from '../support/run-function';

const HOSTED = { DOMAIN_NAME: 'fikiri-1234.twil.io', PATH: '/voice' };

describe('/voice', () => {
  it('greets the caller in the voice of Fikiri and hangs up', async () => {
    const { status, headers, body } = await runFunction(handler, HOSTED, CALL_FORM);
    expect(status).toBe(200);
    expect(headers['Content-Type']).toBe('text/xml');
    expect(body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Say voice="alice">Thanks for calling Fikiri. ' +
        'Please contact us by email or the website.</Say><Hangup/></Response>',
    );
  });

  it('needs no variable: neither FIKIRI_BASE_URL nor AUTH_TOKEN', async () => {
    const { status } = await runFunction(handler, HOSTED, CALL_FORM);
    expect(status).toBe(200);
  });

  it('is not troubled by variables that are malformed', async () => {
    const context = { ...HOSTED, FIKIRI_BASE_URL: '::', AUTH_TOKEN: '' };
    expect(await runFunction(handler, context, CALL_FORM)).toMatchObject({ status: 200 });
  });

  it('needs no network: it opens no connection', async () => {
    const connect = jest.spyOn(require('node:net').Socket.prototype, 'connect');
    await runFunction(handler, HOSTED, CALL_FORM);
    expect(connect).not.toHaveBeenCalled();
    connect.mockRestore();
  });

  it('answers a call without any parameter', async () => {
    const { status, log } = await runFunction(handler, HOSTED, {});
    expect(status).toBe(200);
    expect(log).toEqual([{ level: 'log', line: 'voice answered sid=- from=-' }]);
  });

  it.each(['CA123', `${CALL_SID}0`, `x${CALL_SID}`, 'SM0123456789abcdef0123456789abcdef'])(
    'logs no CallSid that is none (%s)',
    async (callSid) => {
      const { log } = await runFunction(handler, HOSTED, { ...CALL_FORM, CallSid: callSid });
      expect(log).toEqual([{ level: 'log', line: 'voice answered sid=- from=+1******0123' }]);
    },
  );

  it('logs one line: the call, and the end of its number', async () => {
    const { log } = await runFunction(handler, HOSTED, CALL_FORM);
    expect(log).toEqual([{ level: 'log', line: `voice answered sid=${CALL_SID} from=+1******0123` }]);
  });
});

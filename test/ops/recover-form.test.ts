import { recoverForm } from '../../src/ops/recover-form';
import { NUMBER, openScene, type Scene, SENDER } from '../support/replay-scene';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

const SID = `SM${'a'.repeat(32)}`;

function recover(messageSid: string, alertSid?: string) {
  return recoverForm(scene.operator, { messageSid, alertSid, receivedAt: new Date() });
}

describe('the form of a text', () => {
  it('is what its alert holds: empty parameters, odd characters and repeated keys too', async () => {
    const form = { MessageSid: SID, Body: '50 % & “é” = 👩🏽‍🚀\n+1', FromZip: '', Twice: ['b', 'a'] };
    const pairs = new URLSearchParams();
    for (const [key, value] of Object.entries(form)) {
      for (const each of [value].flat()) pairs.append(key, each);
    }
    const request_variables = pairs.toString();
    const alert = scene.twilio.addAlert({ resource_sid: SID, request_variables });
    expect(await recover(SID, alert.sid)).toEqual(form);
  });

  it('is rebuilt where the alert lacks it, holds that of another text, or is gone', async () => {
    const { twilio } = scene;
    twilio.addMessage({ sid: SID, from: SENDER, to: NUMBER, body: 'Hi' });
    const other = new URLSearchParams({ MessageSid: `SM${'b'.repeat(32)}`, Body: 'Other' }).toString();
    for (const request_variables of [null, '', other]) {
      const alert = twilio.addAlert({ resource_sid: SID, request_variables });
      expect(await recover(SID, alert.sid)).toMatchObject({ MessageSid: SID, Body: 'Hi' });
    }
    expect(await recover(SID, `NO${'c'.repeat(32)}`)).toMatchObject({ MessageSid: SID, Body: 'Hi' });
  });

  it('is rebuilt from all that the Messages API has, pictures too', async () => {
    const { twilio } = scene;
    const messaging_service_sid = `MG${'d'.repeat(32)}`;
    const properties = { from: SENDER, to: NUMBER, body: '', num_media: '2', messaging_service_sid };
    const { sid } = twilio.addMessage(properties);
    const form = await recover(sid);
    const address = `https://api.twilio.com/2010-04-01/Accounts/${twilio.accountSid}/Messages/${sid}/Media/ME`;
    expect(form).toEqual({
      MessageSid: sid,
      SmsMessageSid: sid,
      SmsSid: sid,
      SmsStatus: 'received',
      AccountSid: twilio.accountSid,
      MessagingServiceSid: messaging_service_sid,
      From: SENDER,
      To: NUMBER,
      Body: '',
      NumSegments: '1',
      NumMedia: '2',
      MediaUrl0: expect.stringContaining(address),
      MediaContentType0: 'image/jpeg',
      MediaUrl1: expect.stringContaining(address),
      MediaContentType1: 'image/jpeg',
      ApiVersion: '2010-04-01',
    });
    expect(form?.['MediaUrl0']).not.toBe(form?.['MediaUrl1']);
    expect(form?.['MediaUrl0']).not.toContain('.json');
  });

  it('has an empty text where the Messages API has none, and no Messaging Service where there was none', async () => {
    const { sid } = scene.twilio.addMessage({ from: SENDER, to: NUMBER, body: null });
    const form = await recover(sid);
    expect(form).toMatchObject({ MessageSid: sid, Body: '', NumMedia: '0' });
    expect(form).not.toHaveProperty('MessagingServiceSid');
  });

  it('is undefined where Twilio has nothing any more', async () => {
    expect(await recover(SID)).toBeUndefined();
    const alert = scene.twilio.addAlert({ resource_sid: SID, request_variables: '' });
    expect(await recover(SID, alert.sid)).toBeUndefined();
  });

  it('is not taken for gone when Twilio fails', async () => {
    scene.twilio.fail(({ path }) => path.includes('/Messages/'), { status: 500 });
    await expect(recover(SID)).rejects.toMatchObject({ status: 500 });
  });
});

import { handler } from '../../src/functions/sms.protected';
import { hostedContext, TEXT_FORM } from '../support/inbound-forms';
import { runFunction } from '../support/run-function';
import { python, readReceived, startFikiriApp, stopFikiriApp } from './fikiri-app';
import { type GeneratedForm, generateForms } from './generated-forms';

const COUNT = 300;
const SEED = Number(process.env['CONTRACT_SEED'] ?? 20261122);

/** Each parameter with all its values, as Flask tells of them. */
const allValues = (form: GeneratedForm) =>
  Object.fromEntries(Object.entries(form).map(([key, value]) => [key, [value].flat()]));

const NO_PYTHON = 'No python3 with flask and twilio. Install python3-flask and python3-twilio.';
const describeWithPython = python ? describe : describe.skip;

// jest does not print the titles of a file that is skipped whole.
if (!python) console.warn(`The contract with Fikiri's own stack is not checked. ${NO_PYTHON}`);

describeWithPython("the contract with Fikiri's own stack", () => {
  let url: string;

  beforeAll(async () => {
    url = await startFikiriApp();
  });
  afterAll(stopFikiriApp);

  it(`each of ${COUNT} generated forms is accepted, none altered (CONTRACT_SEED=${SEED})`, async () => {
    const forms = generateForms(COUNT, SEED);
    for (const form of forms) {
      const { status, body } = await runFunction(handler, hostedContext(url), form);
      expect({ form, status, body }).toEqual({ form, status: 200, body: '<Response/>' });
    }
    const expected = forms.map((form) => ({
      form: allValues(form),
      key: form['MessageSid'],
      accepted: true,
    }));
    expect(await readReceived(url)).toEqual(expected);
  });

  it("a text signed with another account's token is refused, and the log line says so", async () => {
    const context = { ...hostedContext(url), AUTH_TOKEN: 'another-token' };
    const { status, log } = await runFunction(handler, context, TEXT_FORM);
    expect(status).toBe(502);
    expect(log[0]?.line).toContain('reason=status_403 attempts=1');
    expect(await readReceived(url)).toMatchObject([{ accepted: false }]);
  });
});

if (!python && process.env['CI']) {
  it("the contract with Fikiri's own stack is checked in CI", () => {
    throw new Error(NO_PYTHON);
  });
}

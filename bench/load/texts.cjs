// Any number of different texts: the generated forms of the contract test in turn, each with a MessageSid of its own.
const { readFileSync } = require('node:fs');
const { process: transform } = require('../../test/support/transform-typescript.cjs');

require.extensions['.ts'] = (module, file) =>
  module._compile(transform(readFileSync(file, 'utf8'), file).code, file);

const { generateForms } = require('../../test/contract/generated-forms.ts');

const FORMS = generateForms(500, Number(process.env.LOAD_SEED ?? 20261122));

exports.textOf = (number) => ({
  ...FORMS[number % FORMS.length],
  MessageSid: `SM${number.toString(16).padStart(32, '0')}`,
});

exports.numberOf = (messageSid) => Number.parseInt(messageSid.slice(2), 16);

/** Whether that text arrived as it was sent: every parameter with all its values, and no other. */
exports.isUnaltered = (number, { form, key, accepted }) => {
  const sent = exports.textOf(number);
  const keys = Object.keys(sent);
  return (
    accepted &&
    key === sent.MessageSid &&
    keys.length === Object.keys(form).length &&
    keys.every((name) => JSON.stringify([sent[name]].flat()) === JSON.stringify(form[name]))
  );
};

import { TEXT_FORM } from '../support/inbound-forms';
import { pick, seededRandom } from '../support/seeded-random';

export type GeneratedForm = Record<string, string | string[]>;

/** What texts are made of: letters, what a form escapes, spaces, line breaks, and characters of every plane. */
const PIECES = [
  ...[
    'a',
    'Zz',
    '0',
    '+',
    '%',
    '&',
    '=',
    '%20',
    '%zz',
    '+%2B',
    '&amp;',
    '?a=b',
    '#',
    '/',
    '\\',
    '"',
    "'",
    '<b>',
    ';',
  ],
  ...[' ', '  ', '\n', '\r\n', '\t', '\u00A0', '\u2028', '\u0000', '\u200B', '\uFEFF', '*', '~', '(', '!'],
  ...['é', 'e\u0301', 'ß', 'ж', 'مرحبا', '漢字', '\uE000', '\uFF21', '\uFFFD'],
  ...['👋🏽', '👨‍👩‍👧', '𝄞', '\u{1F1E8}\u{1F1E6}', '\u{20000}', '\u{E0067}', '\u{F0000}', '\u{10FFFD}'],
];

/** As many inbound messages as asked for, each of another kind; the same for the same seed. */
export function generateForms(count: number, seed: number): GeneratedForm[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => generateForm(random, index));
}

function generateForm(random: () => number, index: number): GeneratedForm {
  const form: GeneratedForm = { ...TEXT_FORM };
  form['MessageSid'] = `SM${hex(random, 32)}`;
  form['Body'] = generateText(random, index);
  for (const key of ['FromCity', 'FromState', 'FromZip', 'ToCity']) {
    if (random() < 0.4) form[key] = pick(random, ['', ' ', 'São Paulo', 'A&B = C', '東京']);
  }
  if (random() < 0.3) addMedia(form, pick(random, [1, 2, 10]), random);
  if (random() < 0.1) form['OptOutType'] = pick(random, ['STOP', 'START', 'HELP']);
  if (random() < 0.3) form['Repeated'] = generateRepeated(random);
  if (random() < 0.1)
    form[pick(random, ['a b', 'a+b', 'a&b', 'a=b', 'a%20b', 'é', 'z[]', '漢'])] = pick(random, PIECES);
  return form;
}

function generateText(random: () => number, index: number): string {
  if (index % 10 === 0)
    return ['', ' ', ' x ', '\n', '👋'.repeat(800), 'é'.repeat(1600)][(index / 10) % 6] ?? '';
  const length = pick(random, [1, 5, 20, 100]);
  const text = Array.from({ length }, () => pick(random, PIECES)).join('');
  return pick(random, [text, ` ${text}`, `${text} `, text.repeat(40)])
    .toWellFormed()
    .slice(0, 1600)
    .toWellFormed();
}

/** Two values and more: the same one twice, empty ones, and two that UTF-16 and code points order differently. */
function generateRepeated(random: () => number): string[] {
  const values = ['', 'a', 'A', 'b b', '10', '9', '\uFF21', '\u{1F600}', '\uFFFD', '\u{10FFFD}', 'é'];
  return Array.from({ length: 2 + Math.floor(random() * 5) }, () => pick(random, values));
}

function addMedia(form: GeneratedForm, count: number, random: () => number): void {
  form['NumMedia'] = String(count);
  for (let index = 0; index < count; index += 1) {
    form[`MediaUrl${index}`] = `https://api.twilio.com/2010-04-01/Media/ME${hex(random, 32)}?a=1&b=%2B`;
    form[`MediaContentType${index}`] = pick(random, [
      'image/jpeg',
      'image/svg+xml',
      'text/vcard; charset="utf-8"',
    ]);
  }
}

function hex(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

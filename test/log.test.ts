import { formatLogLine, maskNumber } from '../src/log';

describe('a log line', () => {
  it('is logfmt: words, then fields in the order given', () => {
    const line = formatLogLine('sms delivered', { sid: 'SM1', attempts: 2, fix: 'none needed' });
    expect(line).toBe('sms delivered sid=SM1 attempts=2 fix="none needed"');
  });

  it.each([
    ['', '""'],
    ['two words', '"two words"'],
    ['a=b', '"a=b"'],
    ['say "no"', `"say 'no'"`],
    ['"', `"'"`],
    ['one\r\ntwo\u2028three\tfour', '"one two three four"'],
  ])('quotes %j, so that it stays one value on one line', (value, quoted) => {
    expect(formatLogLine('word', { key: value })).toBe(`word key=${quoted}`);
  });

  it.each([0, 1, 2, 3])(
    'is cut under 300 bytes between two characters, and says so (offset %i)',
    (offset) => {
      const line = formatLogLine('word', { fix: `${'-'.repeat(offset)} ${'👋é'.repeat(200)}` });
      expect(Buffer.byteLength(line)).toBeLessThan(300);
      expect(Buffer.byteLength(line)).toBeGreaterThan(290);
      expect(line).toMatch(/^word fix="[^"\uFFFD]*…"$/);
    },
  );

  it('of 299 bytes is left as it is', () => {
    const line = formatLogLine('word', { key: 'x'.repeat(290) });
    expect(line).toHaveLength(299);
    expect(line).not.toContain('…');
  });
});

describe('a masked number', () => {
  it.each([
    ['+14155550123', '+1******0123'],
    ['+442071838750', '*********8750'],
    ['+12345', '**2345'],
    ['+141555501234567', '************4567'],
    ['whatsapp:+14155550123', '****************0123'],
    ['12345', '*2345'],
    ['', '-'],
    ['client:a "b', '*******a__b'],
  ])('%j shows no more than its last four characters: %s', (number, masked) => {
    expect(maskNumber(number)).toBe(masked);
  });
});

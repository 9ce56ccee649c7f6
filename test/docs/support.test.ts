import { readFileSync } from 'node:fs';
import { REMEDIES } from '../../src/inbound/remedy';

const page = readFileSync('docs/support.md', 'utf8');
const source = readFileSync('src/inbound/log-lines.ts', 'utf8');

/** Reasons that are no delivery's: of a text that could not be tried at all. */
const OTHER_REASONS = ['configuration', 'defect'];

describe('docs/support.md', () => {
  it('has a row for each reason of a failed text, and for no other', () => {
    const documented = [...page.matchAll(/^\| `sms failed … reason=(\w+)` \|/gm)].map(([, reason]) => reason);
    expect(documented.sort()).toEqual([...Object.keys(REMEDIES), ...OTHER_REASONS].sort());
  });

  it('has a row for each line a Function prints, and for no other', () => {
    const printed = new Set<string>();
    for (const [, kind, word] of source.matchAll(/(message|call)Line\('(\w+)'/g)) {
      printed.add(`${kind === 'message' ? 'sms' : 'voice'} ${word}`);
    }
    const documented = new Set([...page.matchAll(/^\| `((?:sms|voice) \w+)/gm)].map(([, words]) => words));
    expect([...documented].sort()).toEqual([...printed].sort());
  });

  it('explains each field of a line', () => {
    const paragraph = /\*\*What the fields say\.\*\*(.*?)\n\n/s.exec(page)?.[1] ?? '';
    for (const field of ['sid', 'from', 'media', 'status', 'attempts', 'ms', 'reason', 'fix']) {
      expect(paragraph).toContain(`\`${field}\``);
    }
  });
});

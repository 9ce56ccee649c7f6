import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseEnv } from 'node:util';
import { writeEnvFile } from '../../src/ops/settings';

describe('a file of variables', () => {
  it('holds each value as it is', () => {
    const variables = {
      URL: 'https://api.fikiri.example:8443/',
      NUMBERS: '+14155550100,+14155550101',
      EMPTY: '',
      SPACES: ' blue, or green ',
      HASH: 'a #b',
      QUOTE: 'say "no"',
      BACKSLASH: 'a\\nb $HOME `x`',
    };
    const { file, remove } = writeEnvFile(variables);
    expect(parseEnv(readFileSync(file, 'utf8'))).toEqual(variables);
    remove();
  });

  it('is for this user alone, and leaves nothing when it is removed', () => {
    const { file, remove } = writeEnvFile({ AUTH_TOKEN: 'secret' });
    expect(statSync(file).mode & 0o077).toBe(0);
    remove();
    expect(existsSync(dirname(file))).toBe(false);
    remove();
  });
});

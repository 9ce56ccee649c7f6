import { UsageError } from '../../src/errors';
import { parsePeriod } from '../../src/ops/period';

const NOW = new Date('2026-11-22T12:00:00Z');
const at = (time: string) => new Date(`2026-11-${time}Z`);

function parse(since: string, until?: string) {
  return parsePeriod(since, until, NOW);
}

describe('a period', () => {
  it.each([
    ['30m', at('22T11:30:00')],
    ['24h', at('21T12:00:00')],
    ['7d', at('15T12:00:00')],
    ['2026-11-22', at('22T00:00:00')],
    ['2026-11-22T08:00Z', at('22T08:00:00')],
    ['2026-11-22T08:00:30.5+02:00', at('22T06:00:30.500')],
  ])('begins at --since %s', (since, begin) => {
    expect(parse(since).since).toEqual(begin);
  });

  it('ends a minute ago: younger texts may still be on their way', () => {
    const settled = at('22T11:59:00');
    expect(parse('24h').until).toEqual(settled);
    expect(parse('24h', '0m').until).toEqual(settled);
    expect(parse('24h', '2027-01-01').until).toEqual(settled);
    expect(parse('24h', '2h').until).toEqual(at('22T10:00:00'));
    expect(parse('24h', '2026-11-22T11:58:59Z').until).toEqual(at('22T11:58:59'));
  });

  it('begins at most 30 days ago, less a minute: Twilio must read it in time', () => {
    const oldest = new Date('2026-10-23T12:01:00Z');
    expect(parse('30d').since).toEqual(oldest);
    expect(parse('720h').since).toEqual(oldest);
    expect(parse('2026-10-23T12:00:00Z').since).toEqual(oldest);
  });

  it.each(['31d', '721h', '2026-10-23T11:59:59Z', '1999-01-01', '99999999999999d'])(
    'of --since %s is refused, with the reason',
    (since) => {
      expect(() => parse(since)).toThrow(UsageError);
      expect(() => parse(since)).toThrow(
        `--since ${since} is too long ago: Twilio keeps alerts and logs for 30 days. Give 30d or less.`,
      );
    },
  );

  it.each([
    '',
    'yesterday',
    '24',
    '-1h',
    '1.5h',
    '24 h',
    '1w',
    '2026-13-01',
    '2026-11-22T25:00Z',
    '22.11.2026',
    '2026/11/22',
    '22 Nov 2026',
  ])('of "%s" is refused: not a time', (value) => {
    const rest = 'is not a time. Give an age like 30m, 24h or 7d, or a time like 2026-11-22T08:00:00Z.';
    expect(() => parse(value)).toThrow(`--since "${value}" ${rest}`);
    expect(() => parse('24h', value)).toThrow(`--until "${value}" ${rest}`);
    expect(() => parse('24h', value)).toThrow(UsageError);
  });

  it.each([
    ['1m', undefined, 'a minute ago'],
    ['2027-01-01', undefined, 'a minute ago'],
    ['2h', '2h', '2h'],
    ['2h', '3h', '3h'],
    ['2h', '99999999999999d', '99999999999999d'],
  ])('from %s to %s is refused: there is no time in it', (since, until, end) => {
    expect(() => parse(since, until)).toThrow(
      `There is no time between --since ${since} and --until ${end}. Give an earlier --since.`,
    );
  });
});

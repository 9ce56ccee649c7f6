import type * as Terminal from '../../src/ops/terminal';

const { isTTY } = process.stdout;

afterEach(() => {
  process.stdout.isTTY = isTTY;
  delete process.env['NO_COLOR'];
});

function loadTerminal(onTerminal: boolean): typeof Terminal {
  process.stdout.isTTY = onTerminal;
  let terminal: typeof Terminal | undefined;
  jest.isolateModules(() => {
    terminal = jest.requireActual('../../src/ops/terminal');
  });
  return terminal as typeof Terminal;
}

describe('colours', () => {
  it('are there on a terminal', () => {
    const { bold, red, green } = loadTerminal(true);
    expect([bold, red, green].map((colour) => colour('x'))).toEqual(
      [1, 31, 32].map((code) => `\u001b[${code}mx\u001b[0m`),
    );
  });

  it('are left out in a pipe or a file', () => {
    expect(loadTerminal(false).red('wrong')).toBe('wrong');
  });

  it('are left out where NO_COLOR asks for it', () => {
    process.env['NO_COLOR'] = '1';
    expect(loadTerminal(true).red('wrong')).toBe('wrong');
  });
});

describe('what is laid out', () => {
  const layOut = (text: string, isTTY: boolean, columns?: number) =>
    loadTerminal(true).layOut(text, '    ', { isTTY, columns } as NodeJS.WriteStream);
  const text = 'Nothing is deployed: there is no "one". Run: npm run deploy. See https://one.example/a?b.C';

  it('is a sentence a line on a terminal, broken between words and indented', () => {
    expect(layOut(text, true, 30)).toBe(
      [
        '    Nothing is deployed: there',
        '    is no "one".',
        '    Run: npm run deploy.',
        '    See',
        '    https://one.example/a?b.C',
      ].join('\n'),
    );
  });

  it('is for 80 columns where the terminal does not say how many it has', () => {
    const words = (count: number) => new Array(count).fill('word').join(' ');
    expect(layOut(words(16), true)).toBe(`    ${words(15)}\n    word`);
  });

  it('keeps a word that is wider than the terminal', () => {
    expect(layOut(`a ${'b'.repeat(40)} c`, true, 30)).toBe(`    a\n    ${'b'.repeat(40)}\n    c`);
  });

  it('is one line in a pipe or a file', () => {
    expect(layOut(text, false, 30)).toBe(`    ${text}`);
  });
});

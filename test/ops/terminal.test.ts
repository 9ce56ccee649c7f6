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

import type { ReplayStep } from '../../src/ops/replay-messages';
import { printProgress, printStep, printSummary } from '../../src/ops/replay-report';

const message = {
  messageSid: `SM${'a'.repeat(32)}`,
  alertSid: undefined,
  receivedAt: new Date('2026-11-22T12:00:05.000Z'),
};
const delivered: ReplayStep = { message, outcome: 'delivered' };
const failed: ReplayStep = { message, outcome: 'failed', reason: 'connect_timeout' };
const left: ReplayStep = { message, outcome: 'left', reason: 'an earlier text of its sender failed' };

/** What `print` writes to a terminal so wide, or to a pipe. */
function capture(columns: number | undefined, print: () => void): string {
  let written = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += text;
    return true;
  });
  const log = jest.spyOn(console, 'log').mockImplementation((text) => {
    written += `${text}\n`;
  });
  const { isTTY, columns: own } = process.stdout;
  Object.assign(process.stdout, { isTTY: columns !== undefined, columns });
  try {
    print();
    return written;
  } finally {
    Object.assign(process.stdout, { isTTY, columns: own });
    write.mockRestore();
    log.mockRestore();
  }
}

/** The lines as a terminal shows them. */
const shown = (written: string) => written.split('\n').map((line) => line.split('\r\u001b[K').at(-1) ?? '');

describe('progress', () => {
  it('is a line for each text in a pipe', () => {
    const written = capture(undefined, () => {
      for (const [index, step] of [delivered, failed, left].entries()) printProgress(step, index + 1, 3);
    });
    expect(written.split('\n')).toEqual([
      `delivered ${message.messageSid} 2026-11-22T12:00:05Z`,
      `failed    ${message.messageSid} 2026-11-22T12:00:05Z connect_timeout`,
      `left      ${message.messageSid} 2026-11-22T12:00:05Z an earlier text of its sender failed`,
      '',
    ]);
  });

  it('is a bar on a terminal, and a line for each failure', () => {
    const written = capture(80, () => {
      for (const [index, step] of [delivered, failed, delivered].entries()) printProgress(step, index + 1, 4);
      printProgress(left, 3, 4);
    });
    expect(shown(written)).toEqual([
      `failed    ${message.messageSid} 11-22T12:00:05Z connect_timeout`,
      `${'█'.repeat(23)}${'░'.repeat(7)}  3 of 4`,
    ]);
  });

  it('fits a terminal of 80 columns, and a narrow one', () => {
    for (const columns of [80, 60]) {
      for (const step of [delivered, failed, left]) {
        const lines = capture(columns, () => {
          printStep(step);
          printProgress(step, 99_999, 99_999);
          console.log('');
          printSummary(Array(99_999).fill(step));
        });
        expect(Math.max(...shown(lines).map((line) => line.length))).toBeLessThanOrEqual(columns);
      }
    }
    expect(capture(80, () => printStep(left))).toBe(
      `left      ${message.messageSid} 11-22T12:00:05Z an earlier text of…\n`,
    );
    const line = `failed    ${message.messageSid} 11-22T12:00:05Z connect_timeout`;
    for (const columns of [80, line.length]) {
      expect(capture(columns, () => printStep(failed))).toBe(`${line}\n`);
    }
  });
});

describe('the summary', () => {
  it('counts each outcome and each reason', () => {
    const steps = [delivered, failed, left, delivered, failed, { ...failed, reason: 'status_403' }];
    const written = capture(undefined, () => printSummary(steps));
    expect(written.split('\n')).toEqual([
      'delivered     2',
      'failed        3',
      '              2 × connect_timeout',
      '              1 × status_403',
      'left          1',
      '              1 × an earlier text of its sender failed',
      '',
    ]);
  });

  it('has its three rows when there was nothing to do', () => {
    const written = capture(undefined, () => printSummary([]));
    expect(written).toBe('delivered     0\nfailed        0\nleft          0\n');
  });
});

import { createIoWithEscapedOutput } from '../../../lib/tools/process/clean-output';
import {
  createProgressPrinter,
  createTextColorizer,
  showProgressLine,
} from '../../../lib/tools/process/terminal';

function recordIo(terminal = {}) {
  const written: string[] = [];
  const io = {
    stdin: () => '',
    stdout: (text: string) => void written.push(`out ${text}`),
    stderr: (text: string) => void written.push(`err ${text}`),
    ...terminal,
  };
  return { io: createIoWithEscapedOutput(io), written };
}

const { NO_COLOR } = process.env;
beforeEach(() => {
  delete process.env.NO_COLOR;
});
afterEach(() => {
  if (NO_COLOR !== undefined) process.env.NO_COLOR = NO_COLOR;
});

test('colors are for terminals, and for those who want them', () => {
  const { io: terminal, written } = recordIo({ stdoutIsTerminal: true });
  terminal.stdout(createTextColorizer(terminal)('red', 'no'));
  expect(written).toEqual(['out \x1b[31mno\x1b[0m']);
  expect(createTextColorizer(recordIo({ stderrIsTerminal: true }).io)('red', 'no')).toBe('no');
  process.env.NO_COLOR = '1';
  expect(createTextColorizer(terminal)('red', 'no')).toBe('no');
  process.env.NO_COLOR = '';
  expect(createTextColorizer(terminal)('red', 'no')).not.toBe('no');
});

test('progress is for terminals: a line in the place of the one before', () => {
  const { io, written } = recordIo({ stderrIsTerminal: true });
  createProgressPrinter(io)('looking ...');
  expect(written).toEqual(['err \r\x1b[Klooking ...']);
  const piped = recordIo({ stdoutIsTerminal: true });
  createProgressPrinter(piped.io)('looking ...');
  expect(piped.written).toEqual([]);
});

test('a command that works is said to, until it prints something', () => {
  const { io, written } = recordIo({ stderrIsTerminal: true });
  const { io: shown, removeProgressLine } = showProgressLine('plan', io);
  shown.stdout('table\n');
  shown.stdout('more\n');
  removeProgressLine();
  expect(written).toEqual(['err \r\x1b[Kplan ...', 'err \r\x1b[K', 'out table\n', 'out more\n']);
});

test('and what prints nothing removes the line at its end', () => {
  const { io, written } = recordIo({ stderrIsTerminal: true });
  showProgressLine('plan', io).removeProgressLine();
  expect(written).toEqual(['err \r\x1b[Kplan ...', 'err \r\x1b[K']);
});

import { createIoWithEscapedOutput } from '../../../lib/tools/process/clean-output';
import { createProgressPrinter, createTextColorizer } from '../../../lib/tools/process/terminal';

function recordOutput(
  terminal: object,
  act: (io: ReturnType<typeof createIoWithEscapedOutput>) => void,
): string {
  let all = '';
  const append = (text: string) => {
    all += text;
  };
  act(createIoWithEscapedOutput({ stdin: () => '', stdout: append, stderr: append, ...terminal }));
  return all;
}

const TERMINAL = { stdoutIsTerminal: true, stderrIsTerminal: true };

test.each([
  ['erases the screen', 'a\x1b[2Jb', 'a\\u001b[2Jb'],
  ['sets the title', '\x1b]0;x\x07', '\\u001b]0;x\\u0007'],
  ['goes back to the beginning of the line', 'bad\rok ', 'bad\\u000dok '],
  ['erases its line', 'bad\r\x1b[Kok', 'bad\\u000d\\u001b[Kok'],
  ['hides what comes after', '\x1b[8mx', '\\u001b[8mx'],
  ['is one byte, as C1 has it', '\x9b2J', '\\u009b2J'],
  ['has a color as a command has it', '\x1b[32mok\x1b[0m', '\\u001b[32mok\\u001b[0m'],
  ['begins as progress does', '\r\x1b[Kok', '\\u000d\\u001b[Kok'],
  ['turns the direction', 'a\u202eb', 'a\\u202eb'],
])('what %s is shown, on a terminal and elsewhere', (_, text, shown) => {
  for (const terminal of [{}, TERMINAL]) {
    expect(recordOutput(terminal, (io) => io.stdout(text))).toBe(shown);
    expect(recordOutput(terminal, (io) => io.stderr(text))).toBe(shown);
  }
});

test('lines, tabs and the letters of all languages stay', () => {
  const text = 'a\tb\n边缘 é 🚚\n';
  expect(recordOutput(TERMINAL, (io) => io.stdout(text))).toBe(text);
});

test('colors and progress of the commands stay on a terminal, and nothing like them elsewhere', () => {
  const act = (io: ReturnType<typeof createIoWithEscapedOutput>) => {
    io.stdout(createTextColorizer(io)('red', 'no'));
    createProgressPrinter(io)('looking ...');
  };
  expect(recordOutput(TERMINAL, act)).toBe('\x1b[31mno\x1b[0m\r\x1b[Klooking ...');
  expect(
    recordOutput({}, (io) => io.stdout(createTextColorizer({ ...io, stdoutIsTerminal: true })('red', 'no'))),
  ).toBe('no');
});

import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { CommandIo } from './command-io';
import { TerminalQuestions } from './terminal-questions';

/**
 * Returns the input and output of this process. The process exits when the reader of its output closes the pipe, for
 * example `head`.
 */
export function createIoOfThisProcess(): CommandIo {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // EPIPE is not an error: the reader, such as head, has closed the pipe.
    if (error.code !== 'EPIPE') {
      process.stderr.write(`standard output cannot be written: ${error.message}\n`);
    }
    process.exit(1);
  });
  process.stderr.on('error', () => process.exit(1));
  // `process.stdin` is not used, because it would open a stream that the command may never read.
  const stdinIsTerminal = isatty(0);
  return {
    stdin: () => readFileSync(0, 'utf8'),
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    stdinIsTerminal,
    stdoutIsTerminal: process.stdout.isTTY,
    stderrIsTerminal: process.stderr.isTTY,
    ask: stdinIsTerminal && process.stderr.isTTY ? createTerminalAskFunction() : undefined,
  };
}

function createTerminalAskFunction(): CommandIo['ask'] {
  let questions: TerminalQuestions | undefined;
  return (text) => {
    questions ??= new TerminalQuestions();
    return questions.ask(text);
  };
}

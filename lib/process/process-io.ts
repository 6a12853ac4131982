import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { CommandIo } from './command-io';
import type { TerminalQuestions } from './terminal-questions';

/** The streams of this process. */
export function processIo(): CommandIo {
  // Without `process.stdin`, which makes a stream of what nobody may read.
  const stdinIsTerminal = isatty(0);
  return {
    stdin: () => readFileSync(0, 'utf8'),
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    stdinIsTerminal,
    stdoutIsTerminal: process.stdout.isTTY,
    stderrIsTerminal: process.stderr.isTTY,
    ask: stdinIsTerminal && process.stderr.isTTY ? terminalAsk() : undefined,
  };
}

/** Loaded with the first question: nothing else has a use for it. */
function terminalAsk(): CommandIo['ask'] {
  let questions: TerminalQuestions | undefined;
  return (text) => {
    const terminal = require('./terminal-questions') as typeof import('./terminal-questions');
    questions ??= new terminal.TerminalQuestions();
    return questions.ask(text);
  };
}

import { createInterface, type Interface } from 'node:readline';

/**
 * Asks questions on the terminal, and prints them to standard error. If the user pastes several lines at once, each further line
 * answers the next question.
 */
export class TerminalQuestions {
  private readonly typed: string[] = [];
  private readonly terminal: Interface;
  private isClosed = false;
  private waiting?: { readonly resolve: (line: string) => void; readonly reject: (error: Error) => void };

  constructor() {
    this.terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
    this.terminal.on('line', (line) => this.handleInputLine(line));
    this.terminal.on('SIGINT', () => this.terminal.close());
    this.terminal.on('close', () => this.handleInputClose());
    this.terminal.pause();
  }

  /** Prints a question, and returns the line that the user types. @throws Error when the user presses Ctrl-C or Ctrl-D. */
  async ask(question: string): Promise<string> {
    const known = this.typed.shift();
    if (known !== undefined) {
      process.stderr.write(`${question}${known}\n`);
      return known;
    }
    if (this.isClosed) throw createCanceledError();
    this.terminal.setPrompt(question);
    this.terminal.prompt();
    const line = await new Promise<string>((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
    // Without this call, the process would not exit after the last question.
    this.terminal.pause();
    return line;
  }

  private handleInputLine(line: string): void {
    if (this.waiting) this.waiting.resolve(line);
    else this.typed.push(line);
    this.waiting = undefined;
  }

  private handleInputClose(): void {
    this.isClosed = true;
    this.waiting?.reject(createCanceledError());
    process.stderr.write('\n');
  }
}

const createCanceledError = () =>
  new Error('canceled before all questions were answered: nothing was written');

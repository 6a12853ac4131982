// Logs one line for each change of state, so that an unavailable server does not fill the log.

export class StateLog {
  #state = '';
  #write;
  #subject;

  /** @param {(line: string) => void} write @param {string} [subject] whose state it is; lines begin with it */
  constructor(write, subject) {
    this.#write = write;
    this.#subject = subject;
  }

  /** @param {string} state is logged unless it is that of before */
  report(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.log(state);
  }

  /** @param {string} text of an event, which is logged each time */
  log(text) {
    const line = this.#subject === undefined ? text : `${this.#subject}: ${text}`;
    this.#write(`${new Date().toISOString()} ${line}`);
  }
}

const troubles = new StateLog((line) => console.error(line));

/** Logs a problem of the program itself. @param {string} text */
export const report = (text) => troubles.report(text);

// Logs one line for each change of state, so that an unavailable server does not fill the log.

export class StateLog {
  #state = '';
  #write;
  #subject;

  /**
   * Creates a log that prints a line when a state changes.
   * @param {(line: string) => void} write @param {string} [subject] prefix of each line, such as the name of a server
   */
  constructor(write, subject) {
    this.#write = write;
    this.#subject = subject;
  }

  /** Logs a state, unless it is the same as the previous one. @param {string} state */
  logState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.logEvent(state);
  }

  /** Logs an event, also if it is the same as the previous one. @param {string} text */
  logEvent(text) {
    const line = this.#subject === undefined ? text : `${this.#subject}: ${text}`;
    this.#write(`${new Date().toISOString()} ${line}`);
  }
}

const troubles = new StateLog((line) => console.error(line));

/** Logs a problem of the program to stderr, unless it is the same as the previous one. @param {string} text */
export const logProblem = (text) => troubles.logState(text);

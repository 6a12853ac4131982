// Logs one line for each change of state, so that an unavailable server does not fill the log.

/** A log that prints a state only when it changes. */
export class StateLog {
  #state = '';
  #write;
  #subject;

  /**
   * Creates a log without a state.
   * @param {(line: string) => void} write prints a line
   * @param {string} [subject] prefix of each line, such as the name of a server
   */
  constructor(write, subject) {
    this.#write = write;
    this.#subject = subject;
  }

  /** Logs a state, such as `unreachable`, unless the previous state is the same. @param {string} state */
  logStateChange(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.logEvent(state);
  }

  /** Logs an event, even if the previous line is the same. @param {string} text */
  logEvent(text) {
    const line = this.#subject === undefined ? text : `${this.#subject}: ${text}`;
    this.#write(`${new Date().toISOString()} ${line}`);
  }
}

const troubles = new StateLog((line) => console.error(line));

/** Logs a problem of the program to stderr, unless the previous problem has the same text. @param {string} text */
export const logProblemIfNew = (text) => troubles.logStateChange(text);

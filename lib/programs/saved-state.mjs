// Saves lines in a file, so that the state of a program survives restarts. Without the file, a program starts with an
// empty state.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { logProblemIfNew } from './state-log.mjs';

/**
 * Size in characters of the parts in which the file is written. The program can process requests between two parts.
 */
const PART_LENGTH = 2 ** 20;

/** A file with the saved state of a program. */
export class SavedState {
  #isSaving = false;

  /** Sets the path of the file, without reading the file. @param {string} file */
  constructor(file) {
    this.file = file;
  }

  /**
   * Reads the lines of the file.
   * @returns {string[] | undefined} `undefined` if the file does not exist or cannot be read
   */
  readLines() {
    try {
      return readFileSync(this.file, 'utf8').split('\n').filter(Boolean);
    } catch (error) {
      if (error.code !== 'ENOENT')
        logProblemIfNew(`cannot read the saved state ${this.file}: ${error.message}`);
      return undefined;
    }
  }

  /**
   * Replaces the file. The lines are written in parts, so that requests are not blocked for long. If an earlier call is
   * still writing, this call does nothing. Logs an error if the file cannot be written.
   * @param {Iterable<string>} lines
   * @param {() => boolean} areCurrent called after all lines are written. If it returns false, the lines are outdated,
   * and the old file is kept
   */
  async saveLines(lines, areCurrent) {
    if (this.#isSaving) return;
    this.#isSaving = true;
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      await this.#writeTemporaryFile(lines);
      if (areCurrent()) await rename(`${this.file}.next`, this.file);
    } catch (error) {
      logProblemIfNew(`${this.file} is not written: ${error.message}`);
    } finally {
      this.#isSaving = false;
    }
  }

  /** Writes lines in parts to a temporary file, whose name ends with `.next`. @param {Iterable<string>} lines */
  async #writeTemporaryFile(lines) {
    const file = await open(`${this.file}.next`, 'w');
    try {
      let part = '';
      for (const line of lines) {
        part += `${line}\n`;
        if (part.length < PART_LENGTH) continue;
        await file.write(part);
        part = '';
      }
      await file.write(part);
    } finally {
      await file.close();
    }
  }

  /**
   * Replaces the file synchronously, when the process ends. Logs an error if the file cannot be written.
   * @param {Iterable<string>} lines
   */
  saveLinesSync(lines) {
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      writeFileSync(`${this.file}.last`, `${[...lines].join('\n')}\n`);
      renameSync(`${this.file}.last`, this.file);
    } catch (error) {
      logProblemIfNew(`${this.file} is not written: ${error.message}`);
    }
  }
}

// Saves lines in a file that survives a restart. Without it, the program starts with an empty state.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { report } from './state-log.mjs';

/** Between two parts of this size, other requests are processed. */
const PART = 2 ** 20;

export class SavedState {
  #isSaving = false;

  /** @param {string} file */
  constructor(file) {
    this.file = file;
  }

  /** @returns {string[] | undefined} undefined where there is none that can be read */
  load() {
    try {
      return readFileSync(this.file, 'utf8').split('\n').filter(Boolean);
    } catch (error) {
      if (error.code !== 'ENOENT') report(`${this.file} is not used: ${error.message}`);
      return undefined;
    }
  }

  /**
   * Writes the file in parts: ten million series take half a second in total.
   * @param {Iterable<string>} lines @param {() => boolean} isStill whether lines of before and of now are of one state
   */
  async save(lines, isStill) {
    if (this.#isSaving) return;
    this.#isSaving = true;
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      await this.#write(lines);
      if (isStill()) await rename(`${this.file}.next`, this.file);
    } catch (error) {
      report(`${this.file} is not written: ${error.message}`);
    } finally {
      this.#isSaving = false;
    }
  }

  /** @param {Iterable<string>} lines */
  async #write(lines) {
    const file = await open(`${this.file}.next`, 'w');
    try {
      let part = '';
      for (const line of lines) {
        part += `${line}\n`;
        if (part.length < PART) continue;
        await file.write(part);
        part = '';
      }
      await file.write(part);
    } finally {
      await file.close();
    }
  }

  /** Saves the lines at once when the process ends. @param {Iterable<string>} lines */
  saveNow(lines) {
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      writeFileSync(`${this.file}.last`, `${[...lines].join('\n')}\n`);
      renameSync(`${this.file}.last`, this.file);
    } catch (error) {
      report(`${this.file} is not written: ${error.message}`);
    }
  }
}

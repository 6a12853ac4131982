// A file that outlives the program; without it, the program begins anew.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { report } from './server.mjs';

export class SavedState {
  /** @param {string} file */
  constructor(file) {
    this.file = file;
  }

  /** @returns {any} undefined where there is none that can be read */
  load() {
    try {
      return JSON.parse(readFileSync(this.file, 'utf8'));
    } catch (error) {
      if (error.code !== 'ENOENT') report(`${this.file} is not used: ${error.message}`);
      return undefined;
    }
  }

  /** @param {object} state */
  async save(state) {
    const text = JSON.stringify(state);
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      await writeFile(`${this.file}.next`, text);
      await rename(`${this.file}.next`, this.file);
    } catch (error) {
      report(`${this.file} is not written: ${error.message}`);
    }
  }

  /** The same at the end. @param {object} state */
  saveNow(state) {
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      writeFileSync(`${this.file}.last`, JSON.stringify(state));
      renameSync(`${this.file}.last`, this.file);
    } catch (error) {
      report(`${this.file} is not written: ${error.message}`);
    }
  }
}

import { readFileSync } from 'node:fs';

/** What a file of the Secret holds. Read at each message, so that a new one needs no restart. @param {string} file */
export const secret = (file) => readFileSync(file, 'utf8').trim();

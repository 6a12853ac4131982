// Reads the files of a mounted Secret by the rules in docs/secrets.md. lib/tools/credentials/login.ts,
// lib/edge/exporter/push-sidecar.sh and lib/host/credentials.awk implement the same rules.
import { readFileSync } from 'node:fs';

/**
 * Error for a file of a Secret that contains no valid value. The message describes the problem; it never contains the value.
 */
export class UnusableSecret extends Error {}

/**
 * Returns the value in a file of a Secret. White space at the end is removed, because `kubectl create secret --from-file`
 * keeps the line break at the end of a file.
 * @param {string} file
 * @returns {string}
 * @throws {UnusableSecret}
 */
export function readSecret(file) {
  const value = readFileSync(file, 'utf8').replace(/[ \t\r\n\v\f]+$/, '');
  const fault = secretValueProblem(value);
  if (fault) throw new UnusableSecret(`${file} ${fault}: check the Secret`);
  return value;
}

/**
 * Returns the value of the header `Authorization` (Basic Auth) for the files `username` and `password` in a folder.
 * @param {string} folder @returns {string}
 */
export function readAuthorization(folder) {
  const username = readSecret(`${folder}/username`);
  if (username.includes(':')) {
    throw new UnusableSecret(`${folder}/username contains a colon: check the Secret`);
  }
  return `Basic ${Buffer.from(`${username}:${readSecret(`${folder}/password`)}`).toString('base64')}`;
}

/**
 * Returns why a user name or password is invalid, such as `is empty`, or `undefined` for a valid value.
 * @param {string} value @returns {string | undefined}
 */
function secretValueProblem(value) {
  if (value === '') return 'is empty';
  if (value.startsWith('\uFEFF')) return 'starts with a byte-order mark';
  if (value.includes('\uFFFD')) return 'is not UTF-8';
  if (value !== value.trim()) return 'starts or ends with white space';
  return /\p{Cc}/u.test(value) ? 'contains a control character or a second line' : undefined;
}

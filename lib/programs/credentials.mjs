// Reads the files of a mounted Secret by the rules in docs/secrets.md. lib/tools/credentials/login.ts,
// lib/edge/exporter/push-sidecar.sh and lib/host/credentials.awk implement the same rules.
import { readFileSync } from 'node:fs';

/**
 * Error for a file of a Secret whose content is not a valid user name or password. The message contains the file and
 * the problem, but never the content.
 */
export class UnusableSecret extends Error {}

/**
 * Reads a file of a mounted Secret. White space at the end is removed, because `kubectl create secret --from-file`
 * keeps the line break at the end of a file.
 * @param {string} file path of the file
 * @returns {string} user name or password
 * @throws {UnusableSecret} when the content is empty, is not UTF-8, starts with white space, or contains control
 * characters; another error when the file cannot be read
 */
export function readSecretFile(file) {
  const value = readFileSync(file, 'utf8').replace(/[ \t\r\n\v\f]+$/, '');
  const fault = secretValueProblem(value);
  if (fault) throw new UnusableSecret(`${file} ${fault}: check the Secret`);
  return value;
}

/**
 * Reads the files `username` and `password` in a folder. Returns the value of the header `Authorization` (Basic
 * Auth).
 * @param {string} folder path of the mounted Secret
 * @returns {string} `Basic ` and the base64 text of `<user name>:<password>`
 * @throws {UnusableSecret} when a file has no valid content, or the user name contains a colon
 */
export function createAuthorizationHeader(folder) {
  const username = readSecretFile(`${folder}/username`);
  if (username.includes(':')) {
    throw new UnusableSecret(`${folder}/username contains a colon: check the Secret`);
  }
  return `Basic ${Buffer.from(`${username}:${readSecretFile(`${folder}/password`)}`).toString('base64')}`;
}

/**
 * Returns the problem of an invalid user name or password, such as `is empty`. Returns `undefined` if the value is
 * valid.
 * @param {string} value
 * @returns {string | undefined}
 */
function secretValueProblem(value) {
  if (value === '') return 'is empty';
  if (value.startsWith('\uFEFF')) return 'starts with a byte-order mark';
  if (value.includes('\uFFFD')) return 'is not UTF-8';
  if (value !== value.trim()) return 'starts or ends with white space';
  return /\p{Cc}/u.test(value) ? 'contains a control character or a second line' : undefined;
}

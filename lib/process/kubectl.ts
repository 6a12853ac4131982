import { execFile } from 'node:child_process';

/** Runs kubectl, against the cluster of its current context, and gives what it printed. */
export type Kubectl = (...args: readonly string[]) => Promise<string>;

/** A fleet's pods in one answer. */
const LONGEST_ANSWER = 2 ** 30;

/** @throws Error with what it said when it fails, or is not there. */
export const kubectl: Kubectl = (...args) =>
  new Promise((resolve, reject) => {
    execFile(
      'kubectl',
      [...args],
      { env: process.env, maxBuffer: LONGEST_ANSWER },
      (failure, stdout, stderr) => {
        if (!failure) return resolve(stdout);
        const reason = failure.code === 'ENOENT' ? 'it is not installed' : stderr.trim() || failure.message;
        reject(new Error(`kubectl ${args.slice(0, 2).join(' ')} failed: ${reason}`));
      },
    );
  });

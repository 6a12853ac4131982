import { type ExecFileException, execFile } from 'node:child_process';

/** Runs kubectl, against the cluster of its current context, and gives what it printed. */
export type Kubectl = (...args: readonly string[]) => Promise<string>;

/** A fleet's pods in one answer. */
const LONGEST_ANSWER = 2 ** 30;

/** @throws Error with what it said, without its warnings, when it fails, or is not there. */
export const kubectl: Kubectl = (...args) =>
  new Promise((resolve, reject) => {
    execFile(
      'kubectl',
      [...args],
      { env: process.env, maxBuffer: LONGEST_ANSWER },
      (failure, stdout, stderr) => {
        if (!failure) return resolve(stdout);
        const reason = failure.code === 'ENOENT' ? 'it is not installed' : said(stderr) || ending(failure);
        reject(new Error(`${calledBy(args)} failed: ${reason}`));
      },
    );
  });

/** An object of a cluster. */
// biome-ignore lint/suspicious/noExplicitAny: objects of every kind
export type Existing = any;

/** The objects of a kind. @throws Error when kubectl fails, or answers anything else. */
export async function listed<Listed = Existing>(
  kubectl: Kubectl,
  kind: string,
  ...args: readonly string[]
): Promise<Listed[]> {
  const { items } = await printedObject(kubectl, 'get', kind, ...args);
  return items ?? [];
}

/** The object that kubectl prints. @throws Error when it fails, or prints anything else. */
export async function printedObject(kubectl: Kubectl, ...args: readonly string[]): Promise<Existing> {
  return objectIn(await kubectl(...args, '--output', 'json'), args);
}

/** The object that kubectl prints, if there is one. @throws Error when it fails, or prints anything else. */
export async function tryPrintedObject(
  kubectl: Kubectl,
  ...args: readonly string[]
): Promise<Existing | undefined> {
  const answer = await kubectl(...args, '--ignore-not-found', '--output', 'json');
  return answer.trim() ? objectIn(answer, args) : undefined;
}

/** The objects in what kubectl printed as JSON: none, one, or a list of them. */
export function objectsIn(answer: string): Existing[] {
  if (!answer.trim()) return [];
  const object = objectIn(answer, ['get']);
  return object.kind === 'List' ? object.items : [object];
}

/** The message repeats nothing of the answer, which may be a Secret. */
function objectIn(answer: string, args: readonly string[]): Existing {
  try {
    const object = JSON.parse(answer);
    if (typeof object === 'object' && object !== null) return object;
  } catch {
    // Said below.
  }
  throw new Error(
    `${calledBy(args)} printed no object in JSON: look whether a program around it, or an alias, says more than it does`,
  );
}

const calledBy = (args: readonly string[]): string => `kubectl ${args.slice(0, 2).join(' ')}`;

/** What kubectl says itself; its log, of which each attempt adds a line, only where it says nothing else. */
function said(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() && !line.startsWith('Warning: '));
  const own = lines.filter((line) => !LOG_LINE.test(line));
  return own.length ? own.join('\n').trim() : (lines.at(-1) ?? '').replace(LOG_LINE, '').trim();
}

/** How a line of klog begins: `E1127 07:28:05.123456   1234 memcache.go:265] `. */
const LOG_LINE = /^[IWEF]\d{4} [\d:.]+ +\d+ [^ \]]+\] /;

const ending = ({ signal, code, message }: ExecFileException): string =>
  signal ? `it was ended by ${signal}` : typeof code === 'number' ? `exit code ${code}` : message;

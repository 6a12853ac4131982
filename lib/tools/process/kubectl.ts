import { type ExecFileException, execFile } from 'node:child_process';

/** Function that runs kubectl with the given arguments in its current context, and returns the standard output of kubectl. */
export type Kubectl = (...args: readonly string[]) => Promise<string>;

/** Maximum size of kubectl's output in bytes, which is enough for all pods of a fleet. */
const MAX_OUTPUT_BYTES = 2 ** 30;

/**
 * Runs kubectl as a child process.
 * @throws Error when kubectl fails or is not installed. The message contains the error message of kubectl, without warnings.
 */
export const runKubectl: Kubectl = (...args) =>
  new Promise((resolve, reject) => {
    execFile(
      'kubectl',
      [...args],
      { env: process.env, maxBuffer: MAX_OUTPUT_BYTES },
      (failure, stdout, stderr) => {
        if (!failure) return resolve(stdout);
        const reason =
          failure.code === 'ENOENT'
            ? 'kubectl is not installed'
            : extractKubectlError(stderr) || describeProcessExit(failure);
        reject(new Error(`${abbreviateKubectlCommand(args)} failed: ${reason}`));
      },
    );
  });

/** An object in a cluster, as kubectl prints it. */
// biome-ignore lint/suspicious/noExplicitAny: objects of every kind
export type ClusterObject = any;

/** Returns whether the condition `Ready` in the status of a node or pod is `True`. */
export const isNodeOrPodReady = ({ status }: ClusterObject): boolean =>
  (status?.conditions ?? []).some((one: ClusterObject) => one.type === 'Ready' && one.status === 'True');

/**
 * Lists the objects of a kind.
 * @param kind kubectl argument, such as `pods` or `deployments.apps,pods`
 * @throws Error when kubectl fails, or when its output is not JSON.
 */
export async function listObjects<Listed = ClusterObject>(
  kubectl: Kubectl,
  kind: string,
  ...args: readonly string[]
): Promise<Listed[]> {
  const { items } = await getObject(kubectl, 'get', kind, ...args);
  return items ?? [];
}

/**
 * Reads an object that must exist.
 * @param args arguments of kubectl, such as `get secret NAME`
 * @throws Error when kubectl fails, for example because the object does not exist; or when its output is not JSON.
 */
export async function getObject(kubectl: Kubectl, ...args: readonly string[]): Promise<ClusterObject> {
  return parseObject(await kubectl(...args, '--output', 'json'), args);
}

/**
 * Reads an object. Returns `undefined` if the object does not exist.
 * @param args arguments of kubectl, such as `get secret NAME`
 * @throws Error when kubectl fails, or when its output is not JSON.
 */
export async function getObjectIfExists(
  kubectl: Kubectl,
  ...args: readonly string[]
): Promise<ClusterObject | undefined> {
  const answer = await kubectl(...args, '--ignore-not-found', '--output', 'json');
  return answer.trim() ? parseObject(answer, args) : undefined;
}

/** Parses kubectl's JSON output, which is empty, one object or a List. Returns the objects. */
export function parseObjectList(answer: string): ClusterObject[] {
  if (!answer.trim()) return [];
  const object = parseObject(answer, ['get']);
  return object.kind === 'List' ? object.items : [object];
}

/** Parses a JSON object. The error message does not contain the output of kubectl, because it may contain a Secret. */
function parseObject(answer: string, args: readonly string[]): ClusterObject {
  try {
    const object = JSON.parse(answer);
    if (typeof object === 'object' && object !== null) return object;
  } catch {
    // Reported below.
  }
  throw new Error(
    `${abbreviateKubectlCommand(args)} did not print a JSON object: check whether a wrapper script of kubectl adds output`,
  );
}

const abbreviateKubectlCommand = (args: readonly string[]): string => `kubectl ${args.slice(0, 2).join(' ')}`;

/**
 * Returns the error message of kubectl without warnings and log lines. If kubectl only printed log lines, one for each
 * attempt, returns the last log line.
 */
function extractKubectlError(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() && !line.startsWith('Warning: '));
  const own = lines.filter((line) => !LOG_LINE.test(line));
  return own.length ? own.join('\n').trim() : (lines.at(-1) ?? '').replace(LOG_LINE, '').trim();
}

/** Prefix of a log line of kubectl (klog), such as `E1127 07:28:05.123456   1234 memcache.go:265] `. */
const LOG_LINE = /^[IWEF]\d{4} [\d:.]+ +\d+ [^ \]]+\] /;

const describeProcessExit = ({ signal, code, message }: ExecFileException): string =>
  signal ? `terminated by ${signal}` : typeof code === 'number' ? `exit code ${code}` : message;

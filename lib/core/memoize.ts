import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';

/** Cached results by the name of a function and the key of its input. */
type Results = Map<string, Map<string, unknown>>;

interface KeptResults {
  /** Results that this process used. */
  readonly now: Results;
  /** Results of an earlier process that ran the same code. */
  readonly before: Results;
}

declare global {
  /**
   * Set by scripts/run.cjs, which keeps results from one run to the next; otherwise they are kept until the
   * process ends.
   */
  var keptResults: KeptResults | undefined;
}

/**
 * Maximum number of cached results per function, since a process may synthesize thousands of environments.
 */
const MOST = 10_000;

const kept: KeptResults = globalThis.keptResults ?? { now: new Map(), before: new Map() };

/**
 * Returns a function that caches its results: environments share most of their rules and files, and so do two
 * runs. The result must only depend on the input and the code.
 * @param name unique name of the function
 * @param keyOf returns the key of an input: `identity` for a short text, else `digest`
 */
export function memoize<Input, Result>(
  name: string,
  compute: (input: Input) => Result,
  keyOf: (input: Input) => string,
): (input: Input) => Result {
  const results = new Map<string, Result>();
  kept.now.set(name, results);
  return (input) => {
    const key = keyOf(input);
    const earlier = results.has(key) ? results : kept.before.get(name);
    const result = earlier?.has(key) ? (earlier.get(key) as Result) : compute(input);
    // Moves the entry to the end: the least recently used one is removed first.
    results.delete(key);
    results.set(key, result);
    if (results.size > MOST) forgetOldest(results);
    return result;
  };
}

/** Returns the key of a short text. */
export const identity = (text: string): string => text;

/** Returns the key of a long text or an object. */
export const digest = (input: unknown): string =>
  createHash('sha256').update(serialize(input)).digest('base64');

function forgetOldest(results: Map<string, unknown>): void {
  const [oldest] = results.keys();
  if (oldest !== undefined) results.delete(oldest);
}

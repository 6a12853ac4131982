import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';

/** Cached results. The first key is the name of a function, the second key is the key of the function's input. */
type Results = Map<string, Map<string, unknown>>;

interface KeptResults {
  /** Results that this process computed or used. */
  readonly now: Results;
  /** Results of an earlier process that ran the same code. */
  readonly before: Results;
}

declare global {
  /**
   * Cached results of memoized functions. scripts/run.cjs reads them from a file of the previous process, and writes
   * them for the next process. Without scripts/run.cjs, this variable is not set, and results are cached in memory
   * only.
   */
  var keptResults: KeptResults | undefined;
}

/** Maximum number of cached results of a function. A process can synthesize thousands of environments. */
const MAX_RESULTS = 10_000;

const kept: KeptResults = globalThis.keptResults ?? { now: new Map(), before: new Map() };

/**
 * Returns a function that caches the results of `compute` until the process ends. With scripts/run.cjs, the next run
 * also uses the cached results. Environments have most of their rules and files in common, so most results are reused.
 * A result must only depend on the input and the code.
 * @param name unique name of the function
 * @param keyOf returns the key of an input: use `textItselfAsCacheKey` for a short text, and `hashInputToCacheKey` for
 * everything else
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
    // Moves the entry to the end, because the first entry (the least recently used one) is removed first.
    results.delete(key);
    results.set(key, result);
    if (results.size > MAX_RESULTS) removeLeastRecentlyUsedResult(results);
    return result;
  };
}

/** Returns a short text unchanged: the text itself is the cache key. */
export const textItselfAsCacheKey = (text: string): string => text;

/** Returns the SHA-256 hash of a long text or an object, as its cache key. */
export const hashInputToCacheKey = (input: unknown): string =>
  createHash('sha256').update(serialize(input)).digest('base64');

function removeLeastRecentlyUsedResult(results: Map<string, unknown>): void {
  const [oldest] = results.keys();
  if (oldest !== undefined) results.delete(oldest);
}

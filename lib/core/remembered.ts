import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';

/** Results by the name of a function, then by its input. */
type Results = Map<string, Map<string, unknown>>;

interface KeptResults {
  /** Results that this process asked for. */
  readonly now: Results;
  /** Results of an earlier process that ran the same code. */
  readonly before: Results;
}

declare global {
  /** Set by scripts/run.cjs, which keeps results from one run to the next; otherwise they last as long as the process. */
  var keptResults: KeptResults | undefined;
}

/** Results that are kept of a function: a process may synthesize thousands of environments. */
const MOST = 10_000;

const kept: KeptResults = globalThis.keptResults ?? { now: new Map(), before: new Map() };

/**
 * A function that computes each result once: environments have most of their rules and files in common, and so have two runs.
 * Its result must follow from the input and the code alone.
 *
 * @param name a name that no other remembered function has
 * @param keyOf what tells an input from any other: `itself` for a short text, else `digest`
 */
export function remembered<Input, Result>(
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
    // What was asked for last is forgotten last.
    results.delete(key);
    results.set(key, result);
    if (results.size > MOST) forgetOldest(results);
    return result;
  };
}

/** The key of a short text. */
export const itself = (text: string): string => text;

/** The key of a long text or an object. */
export const digest = (input: unknown): string =>
  createHash('sha256').update(serialize(input)).digest('base64');

function forgetOldest(results: Map<string, unknown>): void {
  const [oldest] = results.keys();
  if (oldest !== undefined) results.delete(oldest);
}

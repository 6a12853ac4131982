import { setTimeout as sleep } from 'node:timers/promises';

/** Options of a wait. */
export interface WaitOptions {
  /**
   * Maximum time in seconds. It is long, because a machine under load takes several times as long as an idle machine.
   * @default 120
   */
  readonly seconds?: number;
  /** Pause between two checks in milliseconds. @default 250 */
  readonly pauseMs?: number;
  /**
   * Returns the progress so far. Whenever the progress changes, the maximum time starts again: a slow machine does not
   * end the wait, but a hang does.
   * @default - the maximum time never starts again
   */
  readonly progress?: () => unknown;
}

type Held<T> = Exclude<T, false | null | undefined>;

/**
 * Calls a function repeatedly until it returns a value other than undefined, null and false, and returns this value.
 * Errors of the function count as a failed check.
 * @throws Error with the description and the last failure if the time is over
 */
export async function eventually<T>(
  what: string | (() => string),
  probe: () => Promise<T> | T,
  { seconds = 120, pauseMs = 250, progress }: WaitOptions = {},
): Promise<Held<T>> {
  let deadline = performance.now() + seconds * 1000;
  let seen = `${progress?.()}`;
  let failure: unknown;
  do {
    try {
      const result = await probe();
      if (result !== undefined && result !== null && result !== false) return result as Held<T>;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await sleep(pauseMs);
    const now = `${progress?.()}`;
    if (now !== seen) deadline = performance.now() + seconds * 1000;
    seen = now;
  } while (performance.now() < deadline);
  const expected = typeof what === 'string' ? what : what();
  throw new Error(`not within ${seconds} s: ${expected}${failure ? ` (${failure})` : ''}`);
}

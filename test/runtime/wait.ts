import { setTimeout as sleep } from 'node:timers/promises';

/** Maximum time of a wait, and its description in errors. */
export interface WaitOptions {
  /** A machine under load takes several times as long as an idle one. @default 120 */
  readonly seconds?: number;
  /** Pause between two checks. @default 250 */
  readonly pauseMs?: number;
  /**
   * State that a check has seen so far. The time starts again whenever it changes: a slow machine that makes progress
   * does not end the wait, but a hang does.
   * @default - the time never starts again
   */
  readonly progress?: () => unknown;
}

type Held<T> = Exclude<T, false | null | undefined>;

/**
 * Polls until something holds and returns it: anything but undefined, null and false.
 *
 * @throws Error with the condition and the last failure, if it does not hold in time.
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

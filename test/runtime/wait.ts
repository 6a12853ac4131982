import { setTimeout as sleep } from 'node:timers/promises';

/** How long something may take, and what it is called when it does not come. */
export interface WaitOptions {
  /** A machine under load takes several times as long as a quiet one. @default 120 */
  readonly seconds?: number;
  /** Between two looks. @default 250 */
  readonly pauseMs?: number;
}

type Held<T> = Exclude<T, false | null | undefined>;

/**
 * Polls until something holds and returns it: anything but undefined, null and false.
 *
 * @throws Error that says what was waited for, and the last failure, when it does not hold in time.
 */
export async function eventually<T>(
  what: string | (() => string),
  probe: () => Promise<T> | T,
  { seconds = 120, pauseMs = 250 }: WaitOptions = {},
): Promise<Held<T>> {
  const deadline = performance.now() + seconds * 1000;
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
  } while (performance.now() < deadline);
  const expected = typeof what === 'string' ? what : what();
  throw new Error(`not within ${seconds} s: ${expected}${failure ? ` (${failure})` : ''}`);
}

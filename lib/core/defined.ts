/**
 * Returns the options that have a value. Spread the result over defaults: an option that is explicitly
 * `undefined` would otherwise replace its default.
 */
export const omitUndefined = <T extends object>(options: T | undefined): Partial<T> =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Returns whether a value is not undefined. Use it to filter lists. */
export const isDefined = <T>(value: T | undefined): value is T => value !== undefined;

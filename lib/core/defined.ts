/**
 * Returns the options that have a value, to be spread over defaults. TypeScript allows `undefined` for an
 * option, which would otherwise replace the default.
 */
export const omitUndefined = <T extends object>(options: T | undefined): Partial<T> =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Whether a value is not undefined, to filter lists. */
export const isDefined = <T>(value: T | undefined): value is T => value !== undefined;

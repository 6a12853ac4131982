/**
 * The options that have a value, to spread over defaults: TypeScript lets an option be `undefined`, which would take the
 * place of its default.
 */
export const defined = <T extends object>(options: T | undefined): Partial<T> =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;

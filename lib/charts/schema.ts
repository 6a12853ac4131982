import * as v from 'valibot';
import type { Rule } from '../core/validation';

/** A setting that keeps a rule. */
export const is = (rule: Rule) => v.custom<never>(rule.accepts, rule.allowed);

/** A setting that keeps a rule, and may be left out. */
export const maybe = (rule: Rule) => v.optional(is(rule));

/** The options of a type, each with what checks it. */
export type Entries<T> = { readonly [K in keyof Required<T>]: v.GenericSchema };

/** An object that has these options, and no others. */
export const strict = (entries: v.ObjectEntries) =>
  v.strictObject(entries, `the options ${Object.keys(entries).join(', ')}`);

/** An object of a type: the compiler says which of its options nothing checks. */
export const options = <T>(entries: Entries<T>) => strict(entries as v.ObjectEntries);

/** An object of a type, which may be left out. */
export const optional = <T>(entries: Entries<T>) => v.optional(options<T>(entries));

/** Any text. */
export const text: Rule = { allowed: 'a text', accepts: (value) => typeof value === 'string' };

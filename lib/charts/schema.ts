import * as v from 'valibot';
import { isRecord } from '../core/option-rules';
import type { Rule } from '../core/validation';

/** A setting that keeps a rule. */
export const is = (rule: Rule) => v.custom<never>(rule.accepts, rule.allowed);

/** A setting that keeps a rule, and may be left out. */
export const maybe = (rule: Rule) => v.optional(is(rule));

/** The options of a type, each with what checks it. */
export type Entries<T> = { readonly [K in keyof Required<T>]: v.GenericSchema };

/** An object that has these options, and no others. */
export const strict = (entries: v.ObjectEntries) => {
  const allowed = `the options ${Object.keys(entries).join(', ')}`;
  return v.pipe(v.custom<object>(isRecord, allowed), v.strictObject(entries, allowed));
};

/** An object of a type: the compiler says which of its options nothing checks. */
export const options = <T>(entries: Entries<T>) => strict(entries as v.ObjectEntries);

/** An object of a type, which may be left out. */
export const optional = <T>(entries: Entries<T>) => v.optional(options<T>(entries));

/** A list of objects of a type, which may be left out. */
export const optionalList = <T>(entries: Entries<T>) =>
  v.optional(v.array(options<T>(entries), `a list of objects of ${Object.keys(entries).join(', ')}`));

/** Any object. */
export const object = (allowed: string): Rule => ({ allowed, accepts: isRecord });

/** Any text. */
export const text: Rule = { allowed: 'a text', accepts: (value) => typeof value === 'string' };

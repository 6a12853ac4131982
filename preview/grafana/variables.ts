import type { Variable } from './model';
import { formatLength, type Range } from './time';

/** Value of a variable when all its values are chosen. */
export const ALL = '$__all';

/** Chosen values of each variable. */
export type Choices = Readonly<Record<string, readonly string[]>>;

/** Variables, chosen values, time range and intervals of a query. */
export interface Asked {
  readonly choices: Choices;
  readonly variables: readonly Variable[];
  readonly range: Range;
  /** Interval between two points in seconds. */
  readonly interval: number;
  /** Scrape interval in seconds. */
  readonly scrapeInterval: number;
}

/** Replaces Grafana's built-in variables and the variables of the dashboard in a query. */
export function replaceQueryVariables(expr: string, asked: Asked): string {
  const own = ownVariables(asked);
  return expr.replace(/\$(\w+)|\$\{(\w+)(?::(\w+))?\}/g, (match, plain, braced, format) => {
    const name: string = plain ?? braced;
    const builtIn = own[name];
    if (builtIn !== undefined) return builtIn;
    const variable = asked.variables.find((one) => one.name === name);
    return variable ? formatChosenValue(variable, asked.choices[name] ?? [ALL], format) : match;
  });
}

function ownVariables({ range, interval, scrapeInterval }: Asked): Readonly<Record<string, string>> {
  const whole = Math.round(range.to - range.from);
  return {
    __interval: formatLength(interval),
    __interval_ms: `${interval * 1000}`,
    __auto: formatLength(interval),
    __rate_interval: formatLength(Math.max(interval + scrapeInterval, 4 * scrapeInterval)),
    __range: `${whole}s`,
    __range_s: `${whole}`,
    __range_ms: `${whole * 1000}`,
    __from: `${range.from * 1000}`,
    __to: `${range.to * 1000}`,
  };
}

/** Formats the chosen values of a variable. A variable that may have several values becomes a regular expression. */
function formatChosenValue(
  { allValue, multi, includeAll }: Variable,
  chosen: readonly string[],
  format?: string,
): string {
  if (chosen.includes(ALL)) return allValue ?? '.*';
  if (format === 'raw' || (!multi && !includeAll)) return chosen.join(',');
  const escaped = chosen.map((value) => escapeString(value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')));
  return escaped.length === 1 ? (escaped[0] as string) : `(${escaped.join('|')})`;
}

/** Escapes a text for use in a quoted string of a query. */
const escapeString = (text: string): string => text.replace(/["\\]/g, '\\$&');

/** Parses the query `label_values(SELECTOR, LABEL)` of a variable. Returns `undefined` for other queries. */
export function parseLabelValues({
  query,
}: Variable): { readonly selector?: string; readonly label: string } | undefined {
  const text = typeof query === 'string' ? query : query?.query;
  const [, selector, label] = /^\s*label_values\((?:(.*),)?\s*(\w+)\s*\)\s*$/s.exec(text ?? '') ?? [];
  return label ? { selector: selector?.trim(), label } : undefined;
}

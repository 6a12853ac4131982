import type { Variable } from './model';
import { formatLength, type Range } from './time';

/** Stands for all values of a variable. */
export const ALL = '$__all';

/** What is chosen of each variable. */
export type Choices = Readonly<Record<string, readonly string[]>>;

/** What a query is asked with. */
export interface Asked {
  readonly choices: Choices;
  readonly variables: readonly Variable[];
  readonly range: Range;
  /** Seconds between two points. */
  readonly interval: number;
  /** Seconds between two samples of a target. */
  readonly scrapeInterval: number;
}

/** A query with the values of Grafana's variables, and of the dashboard's own. */
export function interpolate(expr: string, asked: Asked): string {
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

/** As a data source's regular expression, since a variable may have several values. */
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

/** A text inside of a query's quotes. */
const escapeString = (text: string): string => text.replace(/["\\]/g, '\\$&');

/** The parts of `label_values(SELECTOR, LABEL)`. */
export function parseLabelValues({
  query,
}: Variable): { readonly selector?: string; readonly label: string } | undefined {
  const text = typeof query === 'string' ? query : query?.query;
  const [, selector, label] = /^\s*label_values\((?:(.*),)?\s*(\w+)\s*\)\s*$/s.exec(text ?? '') ?? [];
  return label ? { selector: selector?.trim(), label } : undefined;
}

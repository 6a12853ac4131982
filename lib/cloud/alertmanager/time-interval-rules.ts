import { listRule, objectRule } from '../../core/structure-rules';
import type { Rule } from '../../core/validation';

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
const MONTHS = [
  ...(['january', 'february', 'march', 'april', 'may', 'june', 'july'] as const),
  ...(['august', 'september', 'october', 'november', 'december'] as const),
] as const;

type Weekday = (typeof WEEKDAYS)[number];
type Month = (typeof MONTHS)[number] | `${number}`;

/**
 * A time interval in Alertmanager's format. A point in time is in the interval if it matches all fields that
 * are set.
 */
export interface TimeInterval {
  /**
   * Times of day, each from `start_time` to `end_time`, such as "08:00" and "24:00".
   * @default - the whole day
   */
  readonly times?: readonly { readonly start_time: string; readonly end_time: string }[];
  /** Weekdays or ranges of weekdays, such as "monday:friday". @default - every day */
  readonly weekdays?: readonly (Weekday | `${Weekday}:${Weekday}`)[];
  /**
   * Days of the month or ranges of days, such as "1:7". Negative numbers count from the end of the month.
   * @default - every day
   */
  readonly days_of_month?: readonly (`${number}` | `${number}:${number}`)[];
  /** Months by name or number, or ranges of months, such as "may:august". @default - every month */
  readonly months?: readonly (Month | `${Month}:${Month}`)[];
  /** Years or ranges of years, such as "2026:2028". @default - every year */
  readonly years?: readonly (`${number}` | `${number}:${number}`)[];
  /** Name of the time zone, such as "Asia/Shanghai". @default "UTC" */
  readonly location?: string;
}

/**
 * Returns a rule for a single value, or for a range of two values that are separated by a colon.
 * @param example range for the error message, such as `monday:friday`
 * @param parseValue parses a value in lower case to a number; returns NaN if the value is invalid
 * @param inOrder returns whether the two numbers of a range are in the right order
 */
const valueOrRangeRule = (
  example: string,
  parseValue: (text: string) => number,
  inOrder = isAscendingRange,
): Rule => ({
  allowed: `one value or a range in ascending order, such as "${example}"`,
  accepts: (value) => {
    if (typeof value !== 'string') return false;
    const [from = '', to = from, ...more] = value.toLowerCase().split(':');
    const [first, last] = [parseValue(from), parseValue(to)];
    return more.length === 0 && !Number.isNaN(first) && !Number.isNaN(last) && inOrder(first, last);
  },
});

function isAscendingRange(first: number, last: number): boolean {
  return first <= last;
}

/** Returns a parser for whole numbers. The parser returns NaN for a number that is not between `from` and `to`. */
const createWholeNumberParser = (from: number, to: number) => (text: string) =>
  /^-?\d{1,4}$/.test(text) && +text >= from && +text <= to ? +text : Number.NaN;

/** Returns a parser that converts a name to its index in `names`, or to NaN if the name is not in the list. */
const createNameToIndexParser = (names: readonly string[]) => (text: string) =>
  names.includes(text) ? names.indexOf(text) : Number.NaN;

/** Converts the name or number of a month to a number from 1 to 12, or to NaN if the text is not a month. */
const parseMonth = (text: string) =>
  MONTHS.some((name) => name === text)
    ? createNameToIndexParser(MONTHS)(text) + 1
    : createWholeNumberParser(1, 12)(text);

/**
 * Returns whether the first day of a range is not after the last day. Negative days count from the end of the month; to
 * compare them with other days, this function assumes a month of 28 days, as Alertmanager does. Day 0, and a range
 * from a negative to a positive day, are not in order.
 */
function isAscendingDayOfMonthRange(first: number, last: number): boolean {
  const toPositiveDayOfMonth = (day: number) => (day < 0 ? 28 + day : day);
  return (
    first !== 0 &&
    last !== 0 &&
    !(first < 0 && last > 0) &&
    toPositiveDayOfMonth(first) <= toPositiveDayOfMonth(last)
  );
}

/**
 * Converts a time of day such as `08:30` to minutes since midnight, or to NaN if the text is not a time
 * between 00:00 and 24:00.
 */
const parseTimeOfDayToMinutes = (text: unknown): number => {
  const [, hour, minute] = /^((?:[01]\d|2[0-3]):[0-5]\d|24:00)$/.test(String(text))
    ? (/(\d+):(\d+)/.exec(String(text)) ?? [])
    : [];
  return Number(hour) * 60 + Number(minute);
};

const timeSpan: Rule = {
  allowed:
    '{ start_time: "08:00", end_time: "18:30" }; start_time must be before end_time, and end_time at most "24:00"',
  accepts: (value) => {
    const { start_time, end_time, ...others } = Object(value);
    return (
      Object.keys(others).length === 0 &&
      parseTimeOfDayToMinutes(start_time) < parseTimeOfDayToMinutes(end_time)
    );
  },
};

/**
 * Validates the name of a time zone. The name must have the right upper and lower case, because Alertmanager looks up
 * a time zone by its file name.
 */
const location: Rule = {
  allowed: 'the name of a time zone in the IANA database, such as "Asia/Shanghai" or "UTC"',
  accepts: (value) =>
    typeof value === 'string' && /^(UTC|[A-Z][A-Za-z0-9_+/-]*)$/.test(value) && isTimeZone(value),
};

/** Returns whether the time zone exists and is written with the right upper and lower case. */
function isTimeZone(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone.toLowerCase() !== name.toLowerCase() || timeZone === name;
  } catch {
    return false;
  }
}

/** Validates a time interval. */
export const timeInterval = objectRule<TimeInterval>({
  times: listRule(timeSpan),
  weekdays: listRule(valueOrRangeRule('monday:friday', createNameToIndexParser(WEEKDAYS))),
  days_of_month: listRule(
    valueOrRangeRule('1:7', createWholeNumberParser(-31, 31), isAscendingDayOfMonthRange),
  ),
  months: listRule(valueOrRangeRule('may:august', parseMonth)),
  years: listRule(valueOrRangeRule('2026:2028', createWholeNumberParser(1, 9_999))),
  location,
});

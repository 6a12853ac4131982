import { type ParseArgsConfig, parseArgs } from 'node:util';
import { requirePrograms } from '../../test/runtime/programs';
import { sweep } from '../../test/runtime/sweep';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/**
 * Returns the options of a benchmark from its arguments; any other argument ends it with exit code 64 and lists the
 * options.
 */
export function parseArguments<T extends OptionsConfig>(options: T) {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const allowed = Object.entries(options).map(
      ([name, { type }]) => `--${name}${type === 'string' ? ' VALUE' : ''}`,
    );
    console.error(`${errorText(error)}\nallowed: ${allowed.join(', ') || 'no arguments'}`);
    return process.exit(64);
  }
}

/** Parses a whole number in a range. */
export function parseWholeNumber(
  name: string,
  typed: string,
  from = 1,
  to = Number.MAX_SAFE_INTEGER,
): number {
  const number = Number(typed);
  if (Number.isInteger(number) && number >= from && number <= to) return number;
  const upTo = to === Number.MAX_SAFE_INTEGER ? 'on' : `to ${to}`;
  console.error(`--${name} is ${typed}; allowed: a whole number from ${from} ${upTo}`);
  return process.exit(64);
}

/** Sets exit code 1 for the end of the benchmark. */
export function reportMissedTarget(): void {
  process.exitCode = 1;
}

/** Runs a benchmark; if it fails, prints its message and sets exit code 1. */
export async function runMain(run: () => void | Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(errorText(error));
    reportMissedTarget();
  }
}

/**
 * Runs a benchmark that starts pods from manifests: checks that the programs are installed, and removes what an earlier
 * run left.
 */
export const runOnPods = (run: () => void | Promise<void>): Promise<void> =>
  runMain(async () => {
    requirePrograms();
    await sweep();
    await run();
  });

const errorText = (error: unknown): string => `${error instanceof Error ? error.message : error}`;

/** A column of a table: its heading, and its minimum width. */
export type Column = readonly [heading: string, width: number];

/** A table on standard output: the first column is left-aligned, the others are right-aligned. */
export class Table {
  private isBegun = false;

  constructor(private readonly columns: readonly Column[]) {}

  /** Prints a row, the first one below the headings; missing cells are empty. */
  addRow(...cells: readonly (string | number)[]): void {
    if (!this.isBegun) this.printLine(this.columns.map(([heading]) => heading));
    this.isBegun = true;
    this.printLine(cells);
  }

  private printLine(cells: readonly (string | number)[]): void {
    const line = cells.map((cell, index) => {
      const width = this.columns[index]?.[1] ?? 0;
      return index ? `${cell}`.padStart(width) : `${cell}`.padEnd(width);
    });
    console.log(line.join('  ').trimEnd());
  }
}

/** Returns the median of numbers. */
export const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Returns the median of numbers with their minimum and maximum. */
export const spread = (values: readonly number[], digits = 2): string =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`;

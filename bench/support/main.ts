import { type ParseArgsConfig, parseArgs } from 'node:util';
import { requirePrograms } from '../../test/runtime/programs';
import { sweep } from '../../test/runtime/sweep';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/**
 * Parses the arguments of a benchmark, and returns the values of its options. For any other argument, lists the options
 * and ends the process with exit code 64.
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

/**
 * Parses the value of an option. If the value is not a whole number in the range, prints an error and ends the process
 * with exit code 64.
 * @param name name of the option, without `--`
 */
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

/** Sets the exit code that the benchmark has at its end to 1. The benchmark continues. */
export function setFailedExitCode(): void {
  process.exitCode = 1;
}

/** Runs a benchmark. If it fails, prints the message of the error and sets exit code 1. */
export async function runBench(run: () => void | Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(errorText(error));
    setFailedExitCode();
  }
}

/**
 * Runs a benchmark that starts pods from manifests. Before, checks that the programs are installed, and removes what
 * earlier runs left behind.
 */
export const runBenchWithPods = (run: () => void | Promise<void>): Promise<void> =>
  runBench(async () => {
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

  /** Prints a row. Prints the headings before the first row. Missing cells are empty. */
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

/** Returns the median of numbers, or NaN if there are none. */
export const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Formats the median of numbers, with their minimum and maximum: `2.10 (1.95 to 2.40)`. */
export const formatMedianAndRange = (values: readonly number[], digits = 2): string =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`;

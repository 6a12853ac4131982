import { type ParseArgsConfig, parseArgs } from 'node:util';
import { requirePrograms } from '../../test/runtime/programs';
import { sweep } from '../../test/runtime/sweep';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** The options of a benchmark as they were typed; any other argument ends it with exit code 64 and the ones that there are. */
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

/** A whole number that was typed, in a range. */
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

/** Ends a benchmark with exit code 1, once it is done. */
export function reportMissedTarget(): void {
  process.exitCode = 1;
}

/** Runs a benchmark; when it fails, its message is printed, and the exit code is 1. */
export async function runMain(run: () => void | Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(errorText(error));
    reportMissedTarget();
  }
}

/** The same of one that runs pods of manifests: checks that the programs are there, and removes what an earlier run left. */
export const runOnPods = (run: () => void | Promise<void>): Promise<void> =>
  runMain(async () => {
    requirePrograms();
    await sweep();
    await run();
  });

const errorText = (error: unknown): string => `${error instanceof Error ? error.message : error}`;

/** A column of a table: its heading, and the least characters that it takes. */
export type Column = readonly [heading: string, width: number];

/** A table on standard output: texts of the first column are on the left, figures of the others on the right. */
export class Table {
  private isBegun = false;

  constructor(private readonly columns: readonly Column[]) {}

  /** Prints a row, the first one below the headings; cells that are left out are empty. */
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

/** The median of figures. */
export const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

/** The median of figures, with the least and the most. */
export const spread = (values: readonly number[], digits = 2): string =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`;

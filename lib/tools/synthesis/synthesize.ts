import { join } from 'node:path';
import { isNativeError } from 'node:util/types';
import { Platform } from '../../core/platform';
import { InvalidOptionError } from '../../core/validation';
import type { CommandIo } from '../process/command-io';
import { createApp, type Environments, environmentNamesOrThrowIfNone } from './environment';
import { updateOutputFolder } from './output-folder';
import { renderApp } from './render';
import { formatSynthesisSummary, type RenderedEnvironment, type SourcedEnvironment } from './summary';

/**
 * Synthesizes environments into files `<folder>/<environment>/<chart>/<object>.k8s.yaml`, and prints a summary. All objects are
 * rendered before the first file is written, so an invalid environment changes no file.
 * @returns the exit code: 0, or 1 after an error.
 */
export function synthesize(
  environments: Environments,
  { stdout, stderr }: Pick<CommandIo, 'stdout' | 'stderr'>,
): number {
  const folder = outputFolder();
  try {
    const rendered = renderEnvironments(environments);
    const written = updateOutputFolder(folder, outputTextsByPath(rendered));
    stdout(`${formatSynthesisSummary(rendered, folder, written)}\n`);
    return 0;
  } catch (error) {
    stderr(`synthesis failed: ${errorMessageOrStack(error)}\n`);
    return 1;
  }
}

/** Returns the output folder: the environment variable `CDK8S_OUTDIR`, which cdk8s-cli sets, or `dist`. */
export function outputFolder(): string {
  return process.env.CDK8S_OUTDIR || 'dist';
}

/**
 * Renders all objects of environments, and writes no files.
 * @param context values that constructs read with `node.tryGetContext`
 * @throws InvalidOptionError when environments are invalid. The message lists the problems of each environment.
 */
export function renderEnvironments(
  environments: Environments,
  context?: Readonly<Record<string, unknown>>,
): SourcedEnvironment[] {
  const failures: string[] = [];
  const rendered = environmentNamesOrThrowIfNone(environments).flatMap((name) => {
    try {
      const app = createApp(name, environments, context);
      return [{ name, objects: renderApp(app), images: Platform.imagesOf(app) }];
    } catch (error) {
      failures.push(`${name}: ${errorMessageOrStack(error)}`);
      return [];
    }
  });
  if (failures.length) throw new InvalidOptionError(failures.join('\n  '));
  return rendered;
}

/** Returns the text of each output file by its path below the output folder. */
function outputTextsByPath(environments: readonly RenderedEnvironment[]): Map<string, string> {
  return new Map(
    environments.flatMap(({ name, objects }) =>
      objects.map(({ chart, file, yaml }) => [join(name, chart, file), yaml] as const),
    ),
  );
}

/** Returns the message of an error. Returns the stack trace for errors that show a defect of the program, such as TypeError. */
export function errorMessageOrStack(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  const isDefect = ['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError'].includes(error.name);
  return (isDefect && error.stack) || error.message;
}

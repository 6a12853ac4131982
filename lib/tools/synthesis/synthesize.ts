import { join } from 'node:path';
import { isNativeError } from 'node:util/types';
import { Platform } from '../../core/platform';
import { InvalidOptionError } from '../../core/validation';
import type { CommandIo } from '../process/command-io';
import { appOf, type Environments, namesOf } from './environment';
import { writeFiles } from './output-folder';
import { render } from './render';
import { type RenderedEnvironment, type SourcedEnvironment, summary } from './summary';

/**
 * Synthesizes environments into `<folder>/<environment>/<chart>/<object>.k8s.yaml` and says what was made. All is
 * rendered before the first file is written: when something is wrong, the folder stays as it was, and one message
 * says what.
 *
 * @returns the exit code: 1 when something is wrong.
 */
export function synthesize(
  environments: Environments,
  { stdout, stderr }: Pick<CommandIo, 'stdout' | 'stderr'>,
): number {
  const folder = outputFolder();
  try {
    const rendered = renderAll(environments);
    const written = writeFiles(folder, files(rendered));
    stdout(`${summary(rendered, folder, written)}\n`);
    return 0;
  } catch (error) {
    stderr(`synthesis failed: ${explained(error)}\n`);
    return 1;
  }
}

/** Where the manifests are: `CDK8S_OUTDIR`, which cdk8s-cli sets, or dist. */
export function outputFolder(): string {
  return process.env.CDK8S_OUTDIR || 'dist';
}

/**
 * Makes every object of these environments, without writing anything.
 *
 * @throws InvalidOptionError that says what is wrong in each environment.
 */
export function renderAll(
  environments: Environments,
  context?: Readonly<Record<string, unknown>>,
): SourcedEnvironment[] {
  const failures: string[] = [];
  const rendered = namesOf(environments).flatMap((name) => {
    try {
      const app = appOf(name, environments, context);
      return [{ name, objects: render(app), images: Platform.imagesOf(app) }];
    } catch (error) {
      failures.push(`${name}: ${explained(error)}`);
      return [];
    }
  });
  if (failures.length) throw new InvalidOptionError(failures.join('\n  '));
  return rendered;
}

function files(environments: readonly RenderedEnvironment[]): Map<string, string> {
  return new Map(
    environments.flatMap(({ name, objects }) =>
      objects.map(({ chart, file, yaml }) => [join(name, chart, file), yaml] as const),
    ),
  );
}

/** What is wrong with the input is said in words; anything else is a defect, whose place matters. */
export function explained(error: unknown): string {
  if (!isNativeError(error)) return String(error);
  const isDefect = ['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError'].includes(error.name);
  return (isDefect && error.stack) || error.message;
}

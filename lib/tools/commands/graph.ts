import { join } from 'node:path';
import { createFlowGraph } from '../graph/flows';
import { renderSvg } from '../graph/picture';
import { createOrReplaceFiles } from '../process/replace-files';
import { renderEnvironments } from '../synthesis/synthesize';
import type { CommandContext, CommandModule } from './command';
import { type CommandLine, requireNonEmptyFolderPath } from './command-line';
import { chooseEnvironmentName, chooseEnvironments } from './environments';

interface Values {
  readonly environment?: string;
  readonly output?: string;
}

/** Command `graph`: draws the data flow of an environment as SVG. */
export const graph: CommandModule = { define: defineGraphOptions, run: runGraph };

function defineGraphOptions(line: CommandLine): void {
  line
    .description(
      'Draws the data flow of an environment as SVG: from edge nodes to dashboards and receivers of alerts. Derives the flow from the manifests: from the configuration of each program, and from the paths of the public hosts.',
    )
    .option(
      '--environment <name>',
      'only this environment (default: all environments with --output; without --output, the app must have only one)',
    )
    .option(
      '--output <folder>',
      'writes a file <environment>.svg for each environment to this folder (default: prints the SVG of one environment)',
      requireNonEmptyFolderPath,
    );
}

async function runGraph(line: CommandLine, { environments, io }: CommandContext): Promise<void> {
  const { environment, output } = line.opts<Values>();
  const one = output === undefined ? chooseEnvironmentName(environment, environments) : environment;
  const pictures = await Promise.all(
    renderEnvironments(chooseEnvironments(one, environments)).map(async ({ name, objects }) => ({
      name,
      svg: await renderSvg(name, createFlowGraph(objects)),
    })),
  );
  if (output === undefined) {
    for (const { svg } of pictures) io.stdout(svg);
    return;
  }
  createOrReplaceFiles(pictures.map(({ name, svg }) => [join(output, `${name}.svg`), svg]));
  io.stderr(`${output}: ${pictures.map(({ name }) => `${name}.svg`).join(', ')}\n`);
}

import { type ImageMirror, imageMirror } from '../../core/mirrors';
import { formatValue, ruleViolationText } from '../../core/validation';
import { COPY_TOOLS, imageCopyCommands } from '../inventory/copy-commands';
import { createInventory, type Inventory } from '../inventory/inventory';
import { formatInventory } from '../inventory/report';
import { UsageError } from '../process/usage-error';
import { renderEnvironments } from '../synthesis/synthesize';
import type { CommandContext, CommandModule } from './command';
import { appendOptionValue, type CommandLine } from './command-line';
import { chooseEnvironments } from './environments';

interface Values {
  readonly environment?: string;
  /**
   * Values of `--mirror`. `true` means that `--mirror` is given without a value: the mirrors of the setting
   * `images.mirror` are used.
   */
  readonly mirror?: readonly string[] | true;
  readonly copyTool?: string;
  readonly json?: boolean;
}

/** Command `inventory`: lists the images, CPU and memory requests, endpoints and RBAC permissions of environments. */
export const inventory: CommandModule = { define: defineInventoryOptions, run: runInventory };

function defineInventoryOptions(line: CommandLine): void {
  line
    .description(
      'Prints the images of a synthesis, the CPU and memory requests in the cloud and on each node, the endpoints that are reachable from outside, and the RBAC permissions. Writes nothing.',
    )
    .option('--environment <name>', 'only this environment (default: all)')
    .option(
      '--mirror [registry]',
      'only prints the commands that copy the images to the mirrors in images.mirror, or to other mirrors, given as harbor.example.com/copies for all registries, or as quay.io=harbor.example.com/quay for one registry (repeatable)',
      appendOptionValue,
    )
    .option(
      '--copy-tool <tool>',
      `with --mirror: the program that the printed commands use: ${Object.keys(COPY_TOOLS).join(', ')} (default: skopeo)`,
    )
    .option(
      '--json',
      'prints JSON, with CPU in cores, and memory and storage in bytes; with --mirror, also the name of each image in the mirror',
    );
}

function runInventory(line: CommandLine, { environments, io }: CommandContext): void {
  const values = line.opts<Values>();
  const { environment, mirror, json } = values;
  const considered = mirror === undefined || mirror === true ? undefined : parseImageMirror(mirror);
  const tool = chooseCopyTool(values);
  const found = createInventory(
    renderEnvironments(chooseEnvironments(environment, environments)),
    considered,
  );
  if (json) io.stdout(`${JSON.stringify(found, null, 2)}\n`);
  else
    io.stdout(
      mirror === undefined ? formatInventory(found) : formatCopyCommandsOrThrow(found, tool, mirror === true),
    );
}

/**
 * Parses the values of `--mirror`: one mirror for all registries, or `registry=mirror` once for each registry.
 * @throws UsageError when a value is invalid, or when a registry has two mirrors.
 */
function parseImageMirror(given: readonly string[]): ImageMirror {
  const pairs = given.map((text) => text.split('=', 2));
  const [[only] = []] = pairs;
  const isPair = pairs.every(({ length }) => length === 2);
  const value = isPair ? Object.fromEntries(pairs) : given.length === 1 ? only : given;
  const isRepeated = isPair && Object.keys(value as object).length < given.length;
  if (!imageMirror.accepts(value) || isRepeated) {
    throw new UsageError(ruleViolationText('--mirror', given.length === 1 ? given[0] : given, imageMirror));
  }
  return value as ImageMirror;
}

function chooseCopyTool({ mirror, copyTool, json }: Values): string {
  if (copyTool !== undefined && (mirror === undefined || json)) {
    throw new UsageError('--copy-tool requires --mirror, and cannot be combined with --json');
  }
  const tool = copyTool ?? 'skopeo';
  if (Object.hasOwn(COPY_TOOLS, tool)) return tool;
  throw new UsageError(`--copy-tool is ${formatValue(tool)}; allowed: ${Object.keys(COPY_TOOLS).join(', ')}`);
}

function formatCopyCommandsOrThrow({ images }: Inventory, tool: string, isOfSettings: boolean): string {
  const lines = imageCopyCommands(images, tool);
  if (lines.length === 0 && isOfSettings) {
    throw new UsageError(
      '--mirror requires a registry, because no environment sets images.mirror: use --mirror REGISTRY',
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}

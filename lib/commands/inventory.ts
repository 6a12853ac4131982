import { registry } from '../core/option-rules';
import { violation } from '../core/validation';
import { inventoryOf } from '../inventory/inventory';
import { inventoryText } from '../inventory/report';
import { UsageError } from '../process/usage-error';
import { renderAll } from '../synthesis/synthesize';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';
import { chosen } from './environments';

interface Values {
  readonly environment?: string;
  readonly mirror?: string;
  readonly json?: boolean;
}

/** `npm run --silent inventory`: what somebody who runs the stack has to provide, allow or open. */
export const inventory: CommandModule = { define, run };

function define(line: CommandLine): void {
  line
    .description(
      'Prints which images a synthesis of main.ts runs, what the cloud side and each node are asked for, what can be ' +
        'reached from outside, and who may do what in the API. Writes nothing.',
    )
    .option('--environment <name>', 'only this one (default: all)')
    .option(
      '--mirror <registry>',
      'beside each image, where a registry of your own has to hold it: a host with an optional path, such as the ' +
        'project of a Harbor, as the setting images.mirror takes it',
    )
    .option('--json', 'as JSON; CPU in cores, memory and storage in bytes');
}

function run(line: CommandLine, { environments, io }: CommandContext): void {
  const { environment, mirror, json } = line.opts<Values>();
  if (mirror !== undefined && !registry.accepts(mirror))
    throw new UsageError(violation('--mirror', mirror, registry));
  const found = inventoryOf(renderAll(chosen(environment, environments)), mirror);
  io.stdout(json ? `${JSON.stringify(found, null, 2)}\n` : inventoryText(found));
}

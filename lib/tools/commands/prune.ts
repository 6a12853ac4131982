import { referenceOf } from '../applied/object-reference';
import { performPrune } from '../applied/prune';
import { commandLine } from '../process/command-lines';
import { kubectl } from '../process/kubectl';
import { appOfOneCluster } from '../synthesis/environment';
import { render } from '../synthesis/render';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';
import { environmentName } from './environments';

interface Values {
  readonly environment?: string;
  readonly apply?: boolean;
  readonly adopt?: boolean;
  readonly uninstall?: boolean;
}

/** Command `prune`: deletes objects from a cluster that are no longer part of an environment. */
export const prune: CommandModule = { define, run };

function define(line: CommandLine): void {
  line
    .description(
      "Deletes from the cluster of kubectl's current context what apply recorded earlier and the last synthesis that was " +
        'applied does not have. Shows what it would delete, unless told to apply.',
    )
    .option('--environment <name>', 'which one (may be left out when there is only one)')
    .option('--apply', 'does it (default: shows what would be deleted)')
    .option('--adopt', 'objects with the labels of the stack too that no inventory lists')
    .option('--uninstall', 'everything of the environment that was applied')
    .addHelpText(
      'after',
      `
Never deleted: namespaces, volumes and their claims, Secrets, definitions of
custom resources, what another object owns, what another inventory of the
cluster lists, and an object that was deleted and created again since it was
recorded. Before --adopt, record every other environment that the cluster has:
${commandLine('apply', '--record')}`,
    );
}

function run(line: CommandLine, { environments, io }: CommandContext): Promise<void> {
  const { environment: given, apply = false, adopt = false, uninstall = false } = line.opts<Values>();
  const environment = environmentName(given, environments);
  return performPrune(
    {
      ...{ environment, apply, adopt, uninstall },
      synthesized: render(appOfOneCluster(environment, environments)).map(({ manifest }) =>
        referenceOf(manifest),
      ),
    },
    { kubectl, io },
  );
}

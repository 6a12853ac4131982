import { referenceOf } from '../applied/object-reference';
import { performPrune } from '../applied/perform-prune';
import { suggestedCommand } from '../process/command-lines';
import { runKubectl } from '../process/kubectl';
import { createSingleClusterApp } from '../synthesis/environment';
import { renderApp } from '../synthesis/render';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';
import { chooseEnvironmentName } from './environments';

interface Values {
  readonly environment?: string;
  readonly apply?: boolean;
  readonly adopt?: boolean;
  readonly uninstall?: boolean;
}

/** Command `prune`: lists or deletes objects that `apply` recorded and that are no longer part of an environment. */
export const prune: CommandModule = { define: definePruneOptions, run: runPrune };

function definePruneOptions(line: CommandLine): void {
  line
    .description(
      'Deletes objects that are no longer part of an environment from the cluster of kubectl\'s current context: the command "apply" recorded these objects, and the last applied synthesis does not contain them. Without --apply, only lists the objects.',
    )
    .option('--environment <name>', 'the environment (optional if there is only one)')
    .option('--apply', 'deletes the objects (default: only lists them)')
    .option(
      '--adopt',
      'also lists or deletes objects that have the labels of the stack, but that the command "apply" never recorded',
    )
    .option(
      '--uninstall',
      'deletes all objects that were applied, not only those that are no longer part of the environment',
    )
    .addHelpText(
      'after',
      `
The command never deletes namespaces, PersistentVolumes, PersistentVolumeClaims,
Secrets, CustomResourceDefinitions, objects with an owner, objects that are recorded for
another environment, and objects that were deleted and re-created since they were
recorded. Before you use --adopt, record every other environment of the cluster:
${suggestedCommand('apply', '--record')}`,
    );
}

function runPrune(line: CommandLine, { environments, io }: CommandContext): Promise<void> {
  const { environment: given, apply = false, adopt = false, uninstall = false } = line.opts<Values>();
  const environment = chooseEnvironmentName(given, environments);
  return performPrune(
    {
      ...{ environment, apply, adopt, uninstall },
      synthesized: renderApp(createSingleClusterApp(environment, environments)).map(({ manifest }) =>
        referenceOf(manifest),
      ),
    },
    { kubectl: runKubectl, io },
  );
}

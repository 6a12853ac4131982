import { Platform } from '../../core/platform';
import { prometheusInstructions, requiredPrometheus } from '../../core/required-prometheus';
import { performApply } from '../applied/apply';
import { readInventories } from '../applied/inventory';
import { keepPlacement } from '../placement/keep-placement';
import { type Existing, kubectl } from '../process/kubectl';
import { UsageError } from '../process/usage-error';
import { appOfOneCluster } from '../synthesis/environment';
import { type RenderedObject, render } from '../synthesis/render';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';
import { environmentName } from './environments';

interface Values {
  readonly environment?: string;
  readonly namespaces?: boolean;
  readonly record?: boolean;
  readonly forceConflicts?: boolean;
  readonly keepPlacement?: boolean;
  readonly allowForeign?: boolean;
}

/** Command `apply`: applies an environment with kubectl, and records the applied objects in the cluster. */
export const apply: CommandModule = { define, run };

function define(line: CommandLine): void {
  line
    .description(
      "Applies an environment to the cluster of kubectl's current context, server-side: namespaces, then configuration, " +
        'then the cloud, then the edge. Records in a ConfigMap there what was applied, so that prune can delete what a ' +
        'later synthesis does not have any more. Objects for Argo CD are left out.',
    )
    .option('--environment <name>', 'which one (may be left out when there is only one)')
    .option('--namespaces', 'only the namespaces, in which Secrets are created before everything else')
    .option('--record', 'applies nothing, and records what the cluster has of the environment')
    .option('--force-conflicts', 'takes over fields that somebody else has changed in the cluster')
    .option('--allow-foreign', 'changes, selects and cuts off objects of others, which is refused otherwise')
    .option('--keep-placement', 'leaves each edge node the pods that it has, for rollout --placement to move')
    .addHelpText(
      'after',
      `
A field that another program changed, or somebody by hand, is a conflict:
kubectl names both, and the object stays as it was. Run again, the command
changes nothing that is in the cluster already.`,
    );
}

async function run(line: CommandLine, { environments, io }: CommandContext): Promise<void> {
  const {
    environment: given,
    namespaces = false,
    record = false,
    forceConflicts = false,
    keepPlacement: keeps = false,
    allowForeign = false,
  } = line.opts<Values>();
  if (namespaces && record) throw new UsageError('--namespaces and --record do not go together');
  if (keeps && (namespaces || record)) {
    throw new UsageError('--keep-placement goes together with neither --namespaces nor --record');
  }
  const environment = environmentName(given, environments);
  const app = appOfOneCluster(environment, environments);
  const objects = render(app);
  const { commonMetadata: metadata } = Platform.of(app.charts[0] ?? app);
  const replacements = keeps ? await placedAsBefore(environment, objects) : [];
  await performApply(
    {
      ...{ environment, objects, replacements, forceConflicts, allowForeign, metadata },
      ...{ onlyNamespaces: namespaces, onlyRecord: record },
    },
    { kubectl, io },
  );
  if (namespaces || record) return;
  for (const one of requiredPrometheus(app)) io.stdout(`\n${prometheusInstructions(one)}\n`);
}

/** Keeps the placement of edge DaemonSets. @throws Error with the reason why it cannot be kept. */
async function placedAsBefore(
  environment: string,
  objects: readonly RenderedObject[],
): Promise<readonly Existing[]> {
  const inventories = await readInventories(kubectl);
  const own = inventories.find((inventory) => inventory.environment === environment);
  const recorded = own ? [...own.applied, ...own.left] : [];
  const { daemonSets, refusals } = await keepPlacement(objects, recorded, kubectl);
  if (!refusals.length) return daemonSets;
  throw new Error(
    `nodes cannot be moved in groups: ${refusals.join('; ')}. Run apply without --keep-placement, which changes all of them ` +
      'at once, or make that change first, by itself',
  );
}

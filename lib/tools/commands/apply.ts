import { Platform } from '../../core/platform';
import {
  formatPrometheusSetupInstructions,
  requiredPrometheusObjectsOfApp,
} from '../../core/required-prometheus';
import { readInventories } from '../applied/inventory';
import { performApply } from '../applied/perform-apply';
import { planReplacementsThatKeepPlacement } from '../placement/keep-placement';
import { type ClusterObject, runKubectl } from '../process/kubectl';
import { UsageError } from '../process/usage-error';
import { createSingleClusterApp } from '../synthesis/environment';
import { type RenderedObject, renderApp } from '../synthesis/render';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';
import { chooseEnvironmentName } from './environments';

interface Values {
  readonly environment?: string;
  readonly namespaces?: boolean;
  readonly record?: boolean;
  readonly forceConflicts?: boolean;
  readonly keepPlacement?: boolean;
  readonly allowForeign?: boolean;
}

/**
 * Command `apply`: applies the manifests of an environment with kubectl, and records the applied objects in a ConfigMap of
 * the cluster.
 */
export const apply: CommandModule = { define: defineApplyOptions, run: runApply };

function defineApplyOptions(line: CommandLine): void {
  line
    .description(
      "Applies an environment to the cluster of kubectl's current context with server-side apply: namespaces, then configuration, then the cloud, then the edge. " +
        'Records the applied objects in a ConfigMap. When a later synthesis no longer contains an object of this record, the command "prune" can delete the object. ' +
        'Skips Applications and AppProjects of Argo CD.',
    )
    .option('--environment <name>', 'the environment (optional if there is only one)')
    .option(
      '--namespaces',
      'applies only the namespaces, so that you can create Secrets in them before the rest is applied',
    )
    .option(
      '--record',
      'applies nothing; only records the objects of the environment that already exist in the cluster, so that prune can delete them later',
    )
    .option('--force-conflicts', 'overwrites fields that another field manager has changed')
    .option(
      '--allow-foreign',
      'applies even if the manifests change, select or take over traffic of objects that are not part of this stack',
    )
    .option(
      '--keep-placement',
      'keeps the pods on each edge node, even if the DaemonSets now select other nodes; use rollout --placement later to replace the pods in steps',
    )
    .addHelpText(
      'after',
      `
If another program or user has changed a field of an object, kubectl reports a
conflict and does not change this object. You can run the command again at any
time: objects that are up to date do not change.`,
    );
}

async function runApply(line: CommandLine, { environments, io }: CommandContext): Promise<void> {
  const {
    environment: given,
    namespaces = false,
    record = false,
    forceConflicts = false,
    keepPlacement: keeps = false,
    allowForeign = false,
  } = line.opts<Values>();
  if (namespaces && record) throw new UsageError('--namespaces cannot be combined with --record');
  if (keeps && (namespaces || record)) {
    throw new UsageError('--keep-placement cannot be combined with --namespaces or --record');
  }
  const environment = chooseEnvironmentName(given, environments);
  const app = createSingleClusterApp(environment, environments);
  const objects = renderApp(app);
  const { commonMetadata: metadata } = Platform.of(app.charts[0] ?? app);
  const replacements = keeps ? await buildDaemonSetsThatKeepPlacement(environment, objects) : [];
  await performApply(
    {
      ...{ environment, objects, replacements, forceConflicts, allowForeign, metadata },
      ...{ onlyNamespaces: namespaces, onlyRecord: record },
    },
    { kubectl: runKubectl, io },
  );
  if (namespaces || record) return;
  for (const one of requiredPrometheusObjectsOfApp(app))
    io.stdout(`\n${formatPrometheusSetupInstructions(one)}\n`);
}

/**
 * Returns the DaemonSets to apply instead of the DaemonSets with a changed placement in the synthesis
 * (see `planReplacementsThatKeepPlacement`). Each node then keeps its pods until `rollout --placement` moves the node.
 * @throws Error when the placement of a DaemonSet cannot be kept, with the reason.
 */
async function buildDaemonSetsThatKeepPlacement(
  environment: string,
  objects: readonly RenderedObject[],
): Promise<readonly ClusterObject[]> {
  const inventories = await readInventories(runKubectl);
  const own = inventories.find((inventory) => inventory.environment === environment);
  const recorded = own ? [...own.applied, ...own.left] : [];
  const { daemonSets, refusals } = await planReplacementsThatKeepPlacement(objects, recorded, runKubectl);
  if (!refusals.length) return daemonSets;
  throw new Error(
    `--keep-placement is not possible: ${refusals.join('; ')}. Run "apply" without --keep-placement to move all nodes at once; or first apply a synthesis in which only the update strategy or the tolerations differ from the cluster`,
  );
}

import { Platform } from '../../core/platform';
import { prometheusInstructions, requiredPrometheus } from '../../core/required-prometheus';
import { readInventories } from '../applied/inventory';
import { performApply } from '../applied/perform-apply';
import { planKeptPlacement } from '../placement/keep-placement';
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

/** Command `apply`: applies an environment with kubectl, and records the applied objects in the cluster. */
export const apply: CommandModule = { define: defineApplyOptions, run: runApply };

function defineApplyOptions(line: CommandLine): void {
  line
    .description(
      "Applies an environment to the cluster of kubectl's current context with server-side apply: namespaces, then configuration, " +
        'then the cloud, then the edge. Records the applied objects in a ConfigMap, so that prune can delete those that a ' +
        'later synthesis no longer contains. Objects for Argo CD are skipped.',
    )
    .option('--environment <name>', 'the environment (optional if there is only one)')
    .option(
      '--namespaces',
      'applies only the namespaces, so that you can create Secrets before everything else',
    )
    .option(
      '--record',
      'applies nothing, and records the objects of the environment that exist in the cluster',
    )
    .option('--force-conflicts', 'takes over fields that another field manager has changed')
    .option('--allow-foreign', 'applies even if objects that are not part of this stack are affected')
    .option('--keep-placement', 'keeps the pods on each edge node, until rollout --placement moves them')
    .addHelpText(
      'after',
      `
A field that another program or user has changed is a conflict:
kubectl reports both, and the object is not changed. Another run of the command
does not change objects that are up to date.`,
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
  if (namespaces && record) throw new UsageError('--namespaces and --record do not go together');
  if (keeps && (namespaces || record)) {
    throw new UsageError('--keep-placement goes together with neither --namespaces nor --record');
  }
  const environment = chooseEnvironmentName(given, environments);
  const app = createSingleClusterApp(environment, environments);
  const objects = renderApp(app);
  const { commonMetadata: metadata } = Platform.of(app.charts[0] ?? app);
  const replacements = keeps ? await keepPlacements(environment, objects) : [];
  await performApply(
    {
      ...{ environment, objects, replacements, forceConflicts, allowForeign, metadata },
      ...{ onlyNamespaces: namespaces, onlyRecord: record },
    },
    { kubectl: runKubectl, io },
  );
  if (namespaces || record) return;
  for (const one of requiredPrometheus(app)) io.stdout(`\n${prometheusInstructions(one)}\n`);
}

/** Keeps the placement of edge DaemonSets. @throws Error with the reason why it cannot be kept. */
async function keepPlacements(
  environment: string,
  objects: readonly RenderedObject[],
): Promise<readonly ClusterObject[]> {
  const inventories = await readInventories(runKubectl);
  const own = inventories.find((inventory) => inventory.environment === environment);
  const recorded = own ? [...own.applied, ...own.left] : [];
  const { daemonSets, refusals } = await planKeptPlacement(objects, recorded, runKubectl);
  if (!refusals.length) return daemonSets;
  throw new Error(
    `cannot move nodes in steps: ${refusals.join('; ')}. Run apply without --keep-placement, which moves all nodes ` +
      'at once, or apply that change separately first',
  );
}

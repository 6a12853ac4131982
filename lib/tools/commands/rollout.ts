import type { App } from 'cdk8s';
import { duration } from '../../core/option-rules';
import { type Duration, toSeconds } from '../../core/units';
import { formatValue } from '../../core/validation';
import { performPlacementMove } from '../placement/perform-move';
import { runKubectl } from '../process/kubectl';
import { UsageError } from '../process/usage-error';
import type { DaemonSetName } from '../rollout/fleet-state';
import { performRollout } from '../rollout/perform-rollout';
import { clock, type RolloutStepOptions } from '../rollout/perform-steps';
import { createSingleClusterApp } from '../synthesis/environment';
import { renderApp } from '../synthesis/render';
import type { CommandContext, CommandModule } from './command';
import { appendOptionValue, type CommandLine } from './command-line';
import { chooseEnvironmentName } from './environments';

interface Values {
  readonly environment?: string;
  readonly daemonSet?: readonly string[];
  readonly selector?: string;
  readonly canary?: string;
  readonly steps: string;
  readonly apply?: boolean;
  readonly placement?: boolean;
  readonly timeout: Duration;
  readonly watch: Duration;
  readonly pause: Duration;
}

/**
 * Command `rollout`: updates pods on edge nodes in steps. The DaemonSets use the update strategy `OnDelete`, so
 * Kubernetes does not replace their pods by itself.
 */
export const rollout: CommandModule = { define: defineRolloutOptions, run: runRolloutCommand };

function defineRolloutOptions(line: CommandLine): void {
  line
    .description(
      "Updates the pods of an environment on edge nodes, in the cluster of kubectl's current context. Deletes pods with an outdated template in steps. " +
        'Stops at the first group of nodes whose new pods do not become ready; another run continues with the remaining nodes. Without --apply, only prints the plan.',
    )
    .option('--environment <name>', 'the environment (optional if there is only one)')
    .option('--apply', 'performs the rollout (default: only prints the plan)')
    .option(
      '--placement',
      'after apply --keep-placement: replaces pods in steps, until each node runs the pods of the DaemonSets that select this node in the manifests',
    )
    .optionsGroup('Pods to update:')
    .option(
      '--daemon-set <name>',
      'only pods of the DaemonSet <name>; repeatable (default: all)',
      appendOptionValue,
    )
    .option('--selector <labels>', 'only nodes that match this label selector (default: all)')
    .optionsGroup('Steps:')
    .option('--canary <labels>', 'label selector of the nodes to update first (default: one node)')
    .option(
      '--steps <percentages>',
      'percentages of the connected nodes that are up to date after each step',
      '10,25,50,100',
    )
    .option('--timeout <duration>', 'maximum time until the new pods of a step are ready', '10m')
    .option(
      '--watch <duration>',
      'how long the pods of a step must stay ready before the next step begins',
      '30s',
    )
    .option('--pause <duration>', 'interval between two checks of the pods', '5s')
    .addHelpText(
      'after',
      `
A node is ready when its new pods are ready and have not restarted. Nodes that are not connected are skipped
and listed. Run the command again when they are connected.`,
    );
}

function runRolloutCommand(line: CommandLine, { environments, io }: CommandContext): Promise<void> {
  const values = line.opts<Values>();
  const name = chooseEnvironmentName(values.environment, environments);
  const pace: RolloutStepOptions = {
    selector: values.selector,
    canary: values.canary,
    steps: parsePercentages(values.steps),
    apply: values.apply ?? false,
    timeoutSeconds: parseDurationAsSeconds('--timeout', values.timeout),
    watchSeconds: parseDurationAsSeconds('--watch', values.watch),
    pauseSeconds: parseDurationAsSeconds('--pause', values.pause),
  };
  const tools = { kubectl: runKubectl, io, clock };
  const app = createSingleClusterApp(name, environments);
  if (!values.placement) {
    return performRollout(
      { ...pace, daemonSets: chooseDaemonSets(findOnDeleteDaemonSets(app), values.daemonSet) },
      tools,
    );
  }
  if (values.daemonSet)
    throw new UsageError('--daemon-set cannot be combined with --placement, which moves all pods of a node');
  return performPlacementMove({ ...pace, objects: renderApp(app) }, tools);
}

/** Returns the DaemonSets of an app that have the update strategy `OnDelete`. */
function findOnDeleteDaemonSets(app: App): DaemonSetName[] {
  return renderApp(app)
    .filter(
      ({ manifest }) => manifest.kind === 'DaemonSet' && manifest.spec.updateStrategy?.type === 'OnDelete',
    )
    .map(({ manifest: { metadata } }) => ({ namespace: metadata.namespace, name: metadata.name }));
}

function chooseDaemonSets(
  all: readonly DaemonSetName[],
  names?: readonly string[],
): readonly DaemonSetName[] {
  const allowed = all.map(({ name }) => name).join(', ');
  if (all.length === 0)
    throw new Error('nothing to update: the environment has no DaemonSet with the update strategy OnDelete');
  const unknown = names?.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined)
    throw new UsageError(`--daemon-set is ${formatValue(unknown)}; allowed: ${allowed}`);
  return names ? all.filter(({ name }) => names.includes(name)) : all;
}

function parsePercentages(text: string): number[] {
  const steps = text.split(',').map(Number);
  const isAscending = steps.every((step, index) => step > (steps[index - 1] ?? 0));
  if (isAscending && steps.at(-1) === 100) return steps;
  throw new UsageError(
    `--steps is ${formatValue(text)}; allowed: ascending percentages that end with 100, such as "10,50,100"`,
  );
}

function parseDurationAsSeconds(flag: string, value: Duration): number {
  if (duration.accepts(value)) return toSeconds(value);
  throw new UsageError(`${flag} is ${formatValue(value)}; allowed: ${duration.allowed}`);
}

import type { App } from 'cdk8s';
import { duration } from '../../core/option-rules';
import { type Duration, seconds } from '../../core/units';
import { shown } from '../../core/validation';
import { performMove } from '../placement/move';
import { kubectl } from '../process/kubectl';
import { UsageError } from '../process/usage-error';
import type { DaemonSetName } from '../rollout/fleet-state';
import { clock, type RolloutPace } from '../rollout/perform';
import { performRollout } from '../rollout/templates';
import { appOfOneCluster } from '../synthesis/environment';
import { render } from '../synthesis/render';
import type { CommandContext, CommandModule } from './command';
import { type CommandLine, repeated } from './command-line';
import { environmentName } from './environments';

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

/** Command `rollout`: updates pods on edge nodes in steps, since `OnDelete` updates none by itself. */
export const rollout: CommandModule = { define, run };

function define(line: CommandLine): void {
  line
    .description(
      "Rolls an environment's DaemonSets of the edge in the cluster of kubectl's current context: deletes pods that were " +
        'made from an older template, group by group, and stops at the first group whose new pods do not become well. ' +
        'Run again, it goes on with what is left. Shows what it would do, unless told to apply.',
    )
    .option('--environment <name>', 'which one (may be left out when there is only one)')
    .option('--apply', 'does it (default: shows the plan)')
    .option(
      '--placement',
      'moves nodes to the DaemonSets that the synthesis places there, after apply --keep-placement',
    )
    .optionsGroup('Which pods:')
    .option('--daemon-set <name>', 'only this one; may be given more than once (default: all)', repeated)
    .option('--selector <labels>', 'only nodes with these labels, as kubectl takes them (default: all)')
    .optionsGroup('At which pace:')
    .option('--canary <labels>', 'nodes that go first (default: one node)')
    .option('--steps <percentages>', 'shares of the connected nodes that have rolled by then', '10,25,50,100')
    .option('--timeout <duration>', 'how long a group may take to become well', '10m')
    .option('--watch <duration>', 'how long it has to stay well before the next one', '30s')
    .option('--pause <duration>', 'between two looks at the cluster', '5s')
    .addHelpText(
      'after',
      `
Well is a node whose pods are ready and had no restart. Nodes that are not connected are left out and
listed; they roll when this is run again.`,
    );
}

function run(line: CommandLine, { environments, io }: CommandContext): Promise<void> {
  const values = line.opts<Values>();
  const name = environmentName(values.environment, environments);
  const pace: RolloutPace = {
    selector: values.selector,
    canary: values.canary,
    steps: percentages(values.steps),
    apply: values.apply ?? false,
    timeoutSeconds: secondsOf('--timeout', values.timeout),
    watchSeconds: secondsOf('--watch', values.watch),
    pauseSeconds: secondsOf('--pause', values.pause),
  };
  const tools = { kubectl, io, clock };
  const app = appOfOneCluster(name, environments);
  if (!values.placement) {
    return performRollout({ ...pace, daemonSets: chosenOf(waitingForDelete(app), values.daemonSet) }, tools);
  }
  if (values.daemonSet)
    throw new UsageError('--placement moves nodes with all of their pods: leave --daemon-set out');
  return performMove({ ...pace, objects: render(app) }, tools);
}

/** Returns the DaemonSets with the update strategy `OnDelete`. */
function waitingForDelete(app: App): DaemonSetName[] {
  return render(app)
    .filter(
      ({ manifest }) => manifest.kind === 'DaemonSet' && manifest.spec.updateStrategy?.type === 'OnDelete',
    )
    .map(({ manifest: { metadata } }) => ({ namespace: metadata.namespace, name: metadata.name }));
}

function chosenOf(all: readonly DaemonSetName[], names?: readonly string[]): readonly DaemonSetName[] {
  const allowed = all.map(({ name }) => name).join(', ');
  if (all.length === 0) throw new Error('the environment has no DaemonSet that rolls by hand (OnDelete)');
  const unknown = names?.find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) throw new UsageError(`--daemon-set is ${shown(unknown)}; allowed: ${allowed}`);
  return names ? all.filter(({ name }) => names.includes(name)) : all;
}

function percentages(text: string): number[] {
  const steps = text.split(',').map(Number);
  const isAscending = steps.every((step, index) => step > (steps[index - 1] ?? 0));
  if (isAscending && steps.at(-1) === 100) return steps;
  throw new UsageError(
    `--steps is ${shown(text)}; allowed: percentages that ascend to 100, such as "10,50,100"`,
  );
}

function secondsOf(flag: string, value: Duration): number {
  if (duration.accepts(value)) return seconds(value);
  throw new UsageError(`${flag} is ${shown(value)}; allowed: ${duration.allowed}`);
}

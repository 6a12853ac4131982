import type { Construct } from 'constructs';
import { LOKI_OPTIONS } from '../cloud/loki';
import { PROMETHEUS_OPTIONS } from '../cloud/prometheus';
import { pushLimits } from '../cloud/pushgateway';
import { defaultsOf } from '../core/option-table';
import { bytes, type Duration, seconds } from '../core/units';
import { invalid } from '../core/validation';
import { METRICS_QUEUE, type MetricsQueue } from '../edge/metrics-agent';
import { memory } from '../fleet/amounts';
import { type Fleet, type FleetGroup, outageProblem } from '../fleet/fleet';
import { fleetGroup } from '../fleet/served-nodes';
import { queueOf } from '../fleet/uplink';
import { components, type Sizes } from './components';
import { planFleet } from './plan';
import { type ServedGroup, servedGroups } from './served-groups';
import type { Settings } from './settings';
import { SETTINGS } from './settings-tables';
import { hasServicesPushgateway } from './transports';

/**
 * What the settings say of a fleet; undefined where they say nothing.
 *
 * @throws InvalidOptionError when some of its groups say how many nodes they have, and others do not.
 */
export function fleetOf(where: string, { edge, retention, longestOutage }: Settings): Fleet | undefined {
  const all = servedGroups(edge);
  const known = all.filter(({ fleet }) => fleet);
  if (known.length === 0) return undefined;
  const silent = all.slice(1).find(({ fleet }) => !fleet);
  if (silent) {
    throw invalid(
      where,
      `edge.groups has ${silent.name} without fleet, and others with it: say it of all groups`,
    );
  }
  return {
    groups: known.map(groupOf),
    ...outageOf({ retention, longestOutage }),
  };
}

/** What the settings say of the longest outage, and of what it is compared with. */
const outageOf = ({
  retention,
  longestOutage,
}: Pick<Settings, 'retention' | 'longestOutage'>): Omit<Fleet, 'groups'> => ({
  retention: {
    metrics: retention?.metrics ?? PROMETHEUS_OPTIONS.retention.default,
    logs: retention?.logs ?? LOKI_OPTIONS.retention.default,
  },
  longestOutage: longestOutage ?? SETTINGS.longestOutage.default,
  outOfOrderWindow: retention?.outOfOrderWindow ?? PROMETHEUS_OPTIONS.outOfOrderWindow.default,
});

/**
 * Checks that nothing of the longest outage is refused when it comes at last, nor gone by then. Without `longestOutage`
 * there is nothing to check.
 *
 * @throws InvalidOptionError that says what to make longer.
 */
export function verifyOutage(where: string, settings: Settings, queues: boolean): void {
  const { longestOutage, loki: { maxLineAge } = {} } = settings;
  if (!longestOutage) return;
  const problem = outageProblem(outageOf(settings), queues);
  if (problem) throw invalid(where, problem);
  if (maxLineAge && seconds(longestOutage) > seconds(maxLineAge)) {
    throw invalid(
      where,
      `after an outage of ${longestOutage} lines come later than they are taken, ${maxLineAge}: make ` +
        'loki.maxLineAge as long as longestOutage',
    );
  }
}

/** What the settings say of the nodes of one group. */
const groupOf = ({ name, fleet, ...served }: ServedGroup): FleetGroup =>
  fleetGroup({ ...served, name, nodes: fleet?.nodes ?? 1, traffic: fleet });

const QUEUE = defaultsOf<MetricsQueue, typeof METRICS_QUEUE>(METRICS_QUEUE);

/**
 * The queue on the nodes of a group: as large and as old as the longest outage makes it, where that is more than an
 * agent has by itself.
 *
 * @throws InvalidOptionError when the queue is told to give samples up before the outage ends.
 */
export function queueFor(
  where: string,
  settings: ServedGroup,
  longestOutage: Duration | undefined,
): MetricsQueue | undefined {
  const told = settings.agent?.queue;
  if (!longestOutage) return told;
  const { size, maxAge } = QUEUE;
  if (told?.maxAge && seconds(told.maxAge) < seconds(longestOutage)) {
    throw invalid(
      where,
      `edge.agent.queue.maxAge of ${settings.name} is ${told.maxAge}, which gives samples up before an outage of ` +
        `${longestOutage} ends: make it as long as longestOutage`,
    );
  }
  const needed = queueOf(groupOf(settings), longestOutage);
  return {
    ...(needed > bytes(size) && { size: memory(needed) }),
    ...(seconds(longestOutage) > seconds(maxAge) && { maxAge: longestOutage }),
    ...told,
  };
}

/**
 * The sizes that a fleet needs; none without `fleet`.
 *
 * @throws InvalidOptionError when the fleet contradicts itself, or a node would send more than its budget.
 */
export function sizesOf(scope: Construct, fleet: Fleet | undefined, settings: Settings): Sizes {
  if (!fleet) return {};
  const plan = planFleet(scope.node.path, fleet);
  const context = {
    usersByGroup: settings.ingress?.groups !== undefined,
    seriesOfServices: hasServicesPushgateway(settings)
      ? pushLimits(settings.pushgateways?.services ?? {}).series
      : 0,
  };
  return Object.assign({}, ...components.map(({ sizing }) => sizing?.sizes(plan, context)));
}

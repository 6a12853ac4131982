import type { Construct } from 'constructs';
import { LOKI_OPTIONS } from '../cloud/loki';
import { PROMETHEUS_OPTIONS } from '../cloud/prometheus';
import { pushLimits } from '../cloud/pushgateway';
import { defaultsOf } from '../core/option-table';
import { bytes, type Duration, seconds } from '../core/units';
import { invalid } from '../core/validation';
import { METRICS_QUEUE, type MetricsQueue } from '../edge/metrics-agent';
import { roundMemory } from '../fleet/amounts';
import { type Fleet, type FleetGroup, outageProblem } from '../fleet/fleet';
import { fleetGroup } from '../fleet/served-nodes';
import { queueBytes } from '../fleet/uplink';
import { components, type Sizes } from './components';
import { planFleet } from './plan';
import { type ServedGroup, servedGroups } from './served-groups';
import type { Settings } from './settings';
import { SETTINGS } from './settings-tables';
import { hasServicesPushgateway } from './transports';

/**
 * Returns the fleet that the settings describe; undefined without `edge.fleet`.
 * @throws InvalidOptionError when only some of its groups state their number of nodes.
 */
export function fleetOf(
  where: string,
  { edge, retention, longestOutage, metricsStore }: Settings,
): Fleet | undefined {
  const all = servedGroups(edge);
  const known = all.filter(({ fleet }) => fleet);
  if (known.length === 0) return undefined;
  const silent = all.slice(1).find(({ fleet }) => !fleet);
  if (silent) {
    throw invalid(
      where,
      `edge.groups has ${silent.name} without fleet, but other groups have it: set it for all groups`,
    );
  }
  return {
    groups: known.map(toFleetGroup),
    ...outageSettingsOf({ retention, longestOutage, metricsStore }),
  };
}

/** Returns the longest outage and the values that it is compared with. */
const outageSettingsOf = ({
  retention,
  longestOutage = SETTINGS.longestOutage.default,
  metricsStore,
}: Pick<Settings, 'retention' | 'longestOutage' | 'metricsStore'>): Omit<Fleet, 'groups'> => {
  const { kind = 'prometheus', outOfOrderWindow = longestOutage } = metricsStore?.plan ?? {};
  // The retention of a store outside of this stack is unknown here.
  const isElsewhere = kind === 'operator' || kind === 'remote';
  const { retention: kept, outOfOrderWindow: window } = PROMETHEUS_OPTIONS;
  const metrics = isElsewhere ? longestOutage : (retention?.metrics ?? kept.default);
  const windows = {
    prometheus: retention?.outOfOrderWindow ?? window.default,
    'victoria-metrics': metrics,
    operator: outOfOrderWindow,
    remote: outOfOrderWindow,
  } satisfies Record<typeof kind, Duration>;
  return {
    retention: {
      metrics,
      logs: retention?.logs ?? LOKI_OPTIONS.retention.default,
    },
    longestOutage,
    outOfOrderWindow: windows[kind],
    ...(metricsStore && { store: metricsStore.plan }),
  };
};

/**
 * Checks that data from before the longest outage is still accepted and retained when it arrives. Without
 * `longestOutage` nothing is checked.
 * @throws InvalidOptionError that states which value to increase.
 */
export function verifyOutage(where: string, settings: Settings, queues: boolean): void {
  if (!settings.longestOutage) return;
  const problem = outageProblem(outageSettingsOf(settings), queues);
  if (problem) throw invalid(where, problem);
}

/** Returns a node group for the plan. */
const toFleetGroup = ({ name, fleet, ...served }: ServedGroup): FleetGroup =>
  fleetGroup({ ...served, name, nodes: fleet?.nodes ?? 1, traffic: fleet });

const QUEUE = defaultsOf<MetricsQueue, typeof METRICS_QUEUE>(METRICS_QUEUE);

/**
 * Returns the queue options of a node group: sized for the longest outage, if that exceeds the agent's
 * defaults.
 * @throws InvalidOptionError when samples would expire from the queue before the outage ends.
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
      `edge.agent.queue.maxAge of ${settings.name} is ${told.maxAge}, which drops samples before an outage of ` +
        `${longestOutage} ends: increase it to at least longestOutage`,
    );
  }
  const needed = queueBytes(toFleetGroup(settings), longestOutage);
  return {
    ...(needed > bytes(size) && { size: roundMemory(needed) }),
    ...(seconds(longestOutage) > seconds(maxAge) && { maxAge: longestOutage }),
    ...told,
  };
}

/**
 * Computes the sizes for a fleet; empty without `fleet`.
 * @throws InvalidOptionError when the fleet is invalid, or a node would exceed its uplink budget.
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

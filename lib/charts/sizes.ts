import type { Construct } from 'constructs';
import { LOKI_OPTIONS } from '../cloud/loki';
import { PROMETHEUS_OPTIONS } from '../cloud/prometheus';
import { resolvePushLimits } from '../cloud/pushgateway';
import { fixedDefaultsOf } from '../core/option-table';
import { type Duration, toBytes, toSeconds } from '../core/units';
import { optionError } from '../core/validation';
import { METRICS_QUEUE, type MetricsQueue } from '../edge/metrics-agent';
import { roundUpMemory } from '../fleet/amounts';
import { type Fleet, type FleetGroup, longestOutageOptionProblem } from '../fleet/fleet';
import { toFleetGroupWithDefaults } from '../fleet/planned-group';
import { bytesInQueueAfterOutage } from '../fleet/uplink';
import { components, type Sizes } from './components';
import { nodeGroupsWithInheritedSettings, type ResolvedNodeGroup } from './node-groups';
import { planFleet } from './plan';
import type { Settings } from './settings';
import { SETTINGS } from './settings-tables';
import { hasPushgatewayForServices } from './transports';

/**
 * Returns the fleet that the settings describe. Returns `undefined` if neither `edge` nor a node group sets
 * `fleet`.
 * @param where path of the construct, for error messages
 * @throws InvalidOptionError when `edge` or a group sets `fleet`, but another group does not.
 */
export function fleetFromSettings(
  where: string,
  { edge, retention, longestOutage, metricsStore }: Settings,
): Fleet | undefined {
  const all = nodeGroupsWithInheritedSettings(edge);
  const known = all.filter(({ fleet }) => fleet);
  if (known.length === 0) return undefined;
  const unsized = all.slice(1).find(({ fleet }) => !fleet);
  if (unsized) {
    throw optionError(
      where,
      `edge.groups: the group "${unsized.name}" does not set "fleet", but "edge" or another group does: set "fleet" for all groups`,
    );
  }
  return {
    groups: known.map(fleetGroupFromSettings),
    ...fleetFieldsExceptGroups({ retention, longestOutage, metricsStore }),
  };
}

/**
 * Returns all fields of a fleet except for its groups: the longest outage, the retention periods, the out-of-order
 * window and the metrics store.
 */
const fleetFieldsExceptGroups = ({
  retention,
  longestOutage = SETTINGS.longestOutage.default,
  metricsStore,
}: Pick<Settings, 'retention' | 'longestOutage' | 'metricsStore'>): Omit<Fleet, 'groups'> => {
  const { kind = 'prometheus', outOfOrderWindow = longestOutage } = metricsStore?.plan ?? {};
  // The retention of a store outside of this stack is not known. The longest outage is used as the retention, so that
  // the check of the longest outage does not fail.
  const isExternal = kind === 'operator' || kind === 'remote';
  const { retention: kept, outOfOrderWindow: window } = PROMETHEUS_OPTIONS;
  const metrics = isExternal ? longestOutage : (retention?.metrics ?? kept.default);
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
 * Validates that the stores still accept and retain data that arrives after the longest outage. Does nothing if
 * `longestOutage` is not set.
 * @param where path of the construct, for error messages
 * @param queues whether nodes send queued samples after an outage (transport "remote-write")
 * @throws InvalidOptionError that names the setting to increase.
 */
export function validateLongestOutage(where: string, settings: Settings, queues: boolean): void {
  if (!settings.longestOutage) return;
  const problem = longestOutageOptionProblem(fleetFieldsExceptGroups(settings), queues);
  if (problem) throw optionError(where, problem);
}

/** Converts the settings of a node group to the form that the plan uses. A group without `fleet` counts as one node. */
const fleetGroupFromSettings = ({ name, fleet, ...served }: ResolvedNodeGroup): FleetGroup =>
  toFleetGroupWithDefaults({ ...served, name, nodes: fleet?.nodes ?? 1, traffic: fleet });

/** Default options of the metrics agent's queue. */
const QUEUE_DEFAULTS = fixedDefaultsOf<MetricsQueue, typeof METRICS_QUEUE>(METRICS_QUEUE);

/**
 * Returns the queue options of a node group's metrics agent. If `longestOutage` is set, the queue is large enough for
 * an outage of this length, and no sample expires before the outage ends. Queue options in the settings take
 * precedence.
 * @throws InvalidOptionError when the settings make samples expire in the queue before the longest outage ends.
 */
export function resolveQueueOptionsOfGroup(
  where: string,
  settings: ResolvedNodeGroup,
  longestOutage: Duration | undefined,
): MetricsQueue | undefined {
  const configured = settings.agent?.queue;
  if (!longestOutage) return configured;
  const { size, maxAge } = QUEUE_DEFAULTS;
  if (configured?.maxAge && toSeconds(configured.maxAge) < toSeconds(longestOutage)) {
    throw optionError(
      where,
      `edge.agent.queue.maxAge of the group "${settings.name}" is ${configured.maxAge}, so the queue drops samples before an outage of ${longestOutage} ends: set maxAge to at least settings.longestOutage`,
    );
  }
  const needed = bytesInQueueAfterOutage(fleetGroupFromSettings(settings), longestOutage);
  return {
    ...(needed > toBytes(size) && { size: roundUpMemory(needed) }),
    ...(toSeconds(longestOutage) > toSeconds(maxAge) && { maxAge: longestOutage }),
    ...configured,
  };
}

/**
 * Computes the sizes of the cloud components for a fleet. Returns an empty object without a fleet.
 * @throws InvalidOptionError when the fleet is invalid, or when a node would exceed its uplink budget.
 */
export function computeComponentSizes(scope: Construct, fleet: Fleet | undefined, settings: Settings): Sizes {
  if (!fleet) return {};
  const plan = planFleet(scope.node.path, fleet);
  const context = {
    usersByGroup: settings.ingress?.groups !== undefined,
    seriesOfServices: hasPushgatewayForServices(settings)
      ? resolvePushLimits(settings.pushgateways?.services ?? {}).series
      : 0,
  };
  return Object.assign({}, ...components.map(({ sizing }) => sizing?.sizes(plan, context)));
}

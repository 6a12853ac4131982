import { type Fleet, validateFleet } from '../fleet/fleet';
import { countSamplesPerSecondOfGroups, countSeriesOfGroups, sumBy } from '../fleet/node-requests';
import { assertWithinUplinkBudget, computeNodeTrafficAndQueue, type NodeNeeds } from '../fleet/uplink';
import { type ComponentPlan, components } from './components';

/** Planned resources of a fleet, for each cloud component and for each node. Sizes are in bytes, CPU in cores. */
export interface FleetPlan extends ComponentPlan {
  /** Number of all nodes. */
  readonly nodes: number;
  /** Number of series of all nodes. */
  readonly series: number;
  /** Number of samples per second of all nodes. */
  readonly samplesPerSecond: number;
  /** Uplink traffic and disk usage of one node of each group. */
  readonly eachNode: readonly NodeNeeds[];
}

/**
 * Computes the resources that a fleet needs.
 * @param where path of the construct, for error messages
 * @throws InvalidOptionError when the fleet is invalid, or when the nodes of a group would exceed their uplink
 * budget.
 */
export function planFleet(where: string, fleet: Fleet): FleetPlan {
  validateFleet(where, fleet);
  const plan = computePlanOfValidFleet(fleet);
  assertWithinUplinkBudget(where, fleet.groups);
  return plan;
}

/** Computes the resources that a fleet needs, without validating the fleet and its uplink budgets. */
export function computePlanOfValidFleet(fleet: Fleet): FleetPlan {
  return {
    nodes: sumBy(fleet.groups, ({ nodes }) => nodes),
    series: countSeriesOfGroups(fleet.groups),
    samplesPerSecond: countSamplesPerSecondOfGroups(fleet.groups),
    eachNode: fleet.groups.map((group) => computeNodeTrafficAndQueue(group, fleet.longestOutage)),
    ...computeResourcesOfCloudComponents(fleet),
  };
}

const computeResourcesOfCloudComponents = (fleet: Fleet): ComponentPlan =>
  Object.assign({}, ...components.map(({ sizing }) => sizing?.needs(fleet)));

import { type Fleet, verifyFleet } from '../fleet/fleet';
import { rate, seriesOfAll, sum } from '../fleet/sendings';
import { type NodeNeeds, nodeNeedsOf, refuseOverBudget } from '../fleet/uplink';
import { type ComponentPlan, components } from './components';

/** What a fleet needs: of each component of the cloud, and of a node. Sizes are in bytes, processors in cores. */
export interface FleetPlan extends ComponentPlan {
  /** How many nodes there are in all groups. */
  readonly nodes: number;
  /** Series of all nodes together. */
  readonly series: number;
  /** Samples that all nodes together send in a second. */
  readonly samplesPerSecond: number;
  /** What a node takes of its uplink and disk, group by group. */
  readonly eachNode: readonly NodeNeeds[];
}

/**
 * From what a fleet is to what it needs.
 *
 * @throws InvalidOptionError when the fleet is out of range or contradicts itself, or when a group's nodes would
 * send more than their budget.
 */
export function planFleet(where: string, fleet: Fleet): FleetPlan {
  verifyFleet(where, fleet);
  const plan = neededBy(fleet);
  refuseOverBudget(where, fleet.groups);
  return plan;
}

/** What a fleet needs that was verified. */
export function neededBy(fleet: Fleet): FleetPlan {
  return {
    nodes: sum(fleet.groups, ({ nodes }) => nodes),
    series: seriesOfAll(fleet.groups),
    samplesPerSecond: rate(fleet.groups),
    eachNode: fleet.groups.map((group) => nodeNeedsOf(group, fleet.longestOutage)),
    ...needsOf(fleet),
  };
}

const needsOf = (fleet: Fleet): ComponentPlan =>
  Object.assign({}, ...components.map(({ sizing }) => sizing?.needs(fleet)));

import type { Fleet } from '../fleet/fleet';
import { formatBytes, formatNumber } from '../fleet/sizing';
import { components } from './components';
import { computePlanOfValidFleet } from './plan';

/** Factor by which the number of nodes is multiplied in the last column of the table. */
const GROWTH = 10;

/**
 * Formats the planned resources of a fleet as a table. One column contains the values for the fleet, and the last
 * column contains the values for ten times as many nodes.
 */
export function formatPlanTable(environment: string, fleet: Fleet): string {
  const grown = {
    ...fleet,
    groups: fleet.groups.map((group) => ({ ...group, nodes: group.nodes * GROWTH })),
  };
  const columns = [planTableRows(fleet), planTableRows(grown)];
  const lines = (columns[0] ?? []).map(([name], index) => [
    name,
    ...columns.map((column) => column[index]?.[1] ?? ''),
  ]);
  const head = [environment, 'now', `at ${GROWTH} times the nodes`];
  return [head, ...lines, ...planTableRowsPerNode(fleet)].map(formatTableRow).join('\n');
}

function formatTableRow([name = '', ...cells]: readonly string[]): string {
  return `${name.padEnd(44)}${cells.map((cell) => `  ${cell.padStart(20)}`).join('')}`.trimEnd();
}

function planTableRows(fleet: Fleet): (readonly [string, string])[] {
  const plan = computePlanOfValidFleet(fleet);
  return [
    ['nodes', formatNumber(plan.nodes)],
    ['series', formatNumber(plan.series)],
    ['samples per second', formatNumber(plan.samplesPerSecond)],
    ...components.flatMap(({ sizing }) => sizing?.rows(plan, fleet) ?? []),
  ];
}

function planTableRowsPerNode(fleet: Fleet): string[][] {
  return computePlanOfValidFleet(fleet).eachNode.flatMap(({ group, metrics, logs, queue }, index) => {
    const budget = fleet.groups[index]?.uplinkBudget;
    const shares = `metrics ${formatBytes(metrics)}, logs ${formatBytes(logs)}${budget ? `, of ${budget}` : ''}`;
    return [
      [`uplink traffic of a node of ${group} per day`, formatBytes(metrics + logs), shares],
      ...(queue
        ? [[`  queue of a node after ${fleet.longestOutage} without uplink`, formatBytes(queue)]]
        : []),
    ];
  });
}

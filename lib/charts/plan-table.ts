import type { Fleet } from '../fleet/fleet';
import { count, size } from '../fleet/sizing';
import { components } from './components';
import { neededBy } from './plan';

/** Factor for the second column of the plan. */
const GROWTH = 10;

/** Formats a plan as a table: for the current fleet, and for ten times the nodes. */
export function planTable(environment: string, fleet: Fleet): string {
  const grown = {
    ...fleet,
    groups: fleet.groups.map((group) => ({ ...group, nodes: group.nodes * GROWTH })),
  };
  const columns = [rows(fleet), rows(grown)];
  const lines = (columns[0] ?? []).map(([name], index) => [
    name,
    ...columns.map((column) => column[index]?.[1] ?? ''),
  ]);
  const head = [environment, 'now', `at ${GROWTH} times the nodes`];
  return [head, ...lines, ...nodeRows(fleet)].map(line).join('\n');
}

function line([name = '', ...cells]: readonly string[]): string {
  return `${name.padEnd(44)}${cells.map((cell) => `  ${cell.padStart(20)}`).join('')}`.trimEnd();
}

function rows(fleet: Fleet): (readonly [string, string])[] {
  const plan = neededBy(fleet);
  return [
    ['nodes', count(plan.nodes)],
    ['series', count(plan.series)],
    ['samples a second', count(plan.samplesPerSecond)],
    ...components.flatMap(({ sizing }) => sizing?.rows(plan, fleet) ?? []),
  ];
}

function nodeRows(fleet: Fleet): string[][] {
  return neededBy(fleet).eachNode.flatMap(({ group, metrics, logs, queue }, index) => {
    const budget = fleet.groups[index]?.uplinkBudget;
    const shares = `metrics ${size(metrics)}, logs ${size(logs)}${budget ? `, of ${budget}` : ''}`;
    return [
      [`uplink of a node of ${group}, a day`, size(metrics + logs), shares],
      ...(queue ? [[`  its queue, after ${fleet.longestOutage} without a link`, size(queue)]] : []),
    ];
  });
}

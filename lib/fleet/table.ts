import type { Fleet } from './fleet';
import { neededBy } from './plan';

/** What follows when a fleet grows. */
const GROWTH = 10;

/** A plan as a table: what the fleet needs now, and at ten times the nodes. */
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

function rows(fleet: Fleet): [string, string][] {
  const plan = neededBy(fleet);
  const { prometheus, pushgateway, gateway, loki, kubeStateMetrics } = plan;
  return [
    ['nodes', count(plan.nodes)],
    ['series', count(plan.series)],
    ['samples a second', count(plan.samplesPerSecond)],
    ['Prometheus: cores', prometheus.cores.toFixed(2)],
    ['Prometheus: memory', size(prometheus.memory)],
    [`  after all nodes had no link for ${fleet.longestOutage}`, size(prometheus.memoryAfterOutage)],
    ['Prometheus: volume', size(prometheus.storage)],
    ['Pushgateway: shards', count(pushgateway.shards)],
    ['Pushgateway: cores and memory of each', `${pushgateway.cores.toFixed(2)}, ${size(pushgateway.memory)}`],
    ['gateway of remote write: replicas', count(gateway.replicas)],
    ['gateway of remote write: cores of each', gateway.cores.toFixed(2)],
    ['gateway of remote write: volume of each', size(gateway.storage)],
    ['Loki: a day', size(loki.bytesPerDay)],
    ['Loki: memory', size(loki.memory)],
    ['Loki: volume', size(loki.storage)],
    ['kube-state-metrics: memory', size(kubeStateMetrics.memory)],
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

const count = (value: number): string => Math.ceil(value).toLocaleString('en');

function size(amount: number): string {
  const units = ['B', 'Ki', 'Mi', 'Gi', 'Ti'];
  const power = amount < 1 ? 0 : Math.min(Math.floor(Math.log2(amount) / 10), units.length - 1);
  const value = amount / 2 ** (10 * power);
  return `${value.toFixed(power > 0 && value < 10 ? 1 : 0)}${units[power]}`;
}

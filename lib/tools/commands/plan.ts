import type { IConstruct } from 'constructs';
import { CloudChart } from '../../charts/cloud-chart';
import { formatPlanTable } from '../../charts/plan-table';
import { Platform } from '../../core/platform';
import {
  formatPrometheusSetupInstructions,
  requiredPrometheusObjectsOfApp,
} from '../../core/required-prometheus';
import { createApp, environmentNamesOrThrowIfNone } from '../synthesis/environment';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';
import { chooseEnvironments } from './environments';

/**
 * Command `plan`: prints the planned resources of each environment for its fleet, and for a fleet with ten times as
 * many nodes.
 */
export const plan: CommandModule = { define: definePlanOptions, run: runPlan };

function definePlanOptions(line: CommandLine): void {
  line
    .description(
      'Prints the planned resources of environments: series, memory, volumes, shards, replicas, and uplink traffic per node. The plan is for the fleet in the setting edge.fleet, and for a fleet with ten times the nodes.',
    )
    .option('--environment <name>', 'only this environment (default: all)');
}

function runPlan(line: CommandLine, { environments, io }: CommandContext): void {
  const only = chooseEnvironments(line.opts<{ environment?: string }>().environment, environments);
  const tables = environmentNamesOrThrowIfNone(only).flatMap((name) =>
    formatPlanTablesAndInstructions(name, only),
  );
  io.stdout(`${tables.join('\n\n')}\n`);
}

/**
 * Returns a table with the planned resources of each cluster of an environment, or a hint if the settings do not
 * describe the fleet. If the environment writes to the Prometheus of a Prometheus Operator, the result also contains
 * instructions for the Prometheus object.
 */
function formatPlanTablesAndInstructions(
  name: string,
  environments: CommandContext['environments'],
): string[] {
  const app = createApp(name, environments);
  const charts = app.node.findAll().filter(isCloudChart);
  const sized = charts.flatMap((chart) => {
    const title = charts.length > 1 ? `${name} ${Platform.of(chart).cluster}` : name;
    return chart.fleet ? [formatPlanTable(title, chart.fleet)] : [];
  });
  const tables = sized.length
    ? sized
    : [`the environment ${name} has no plan, because its settings do not describe the fleet: set edge.fleet`];
  return [...tables, ...requiredPrometheusObjectsOfApp(app).map(formatPrometheusSetupInstructions)];
}

const isCloudChart = (one: IConstruct): one is CloudChart => one instanceof CloudChart;

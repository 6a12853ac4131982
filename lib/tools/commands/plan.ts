import type { IConstruct } from 'constructs';
import { CloudChart } from '../../charts/cloud-chart';
import { formatPlanTable } from '../../charts/plan-table';
import { Platform } from '../../core/platform';
import { prometheusInstructions, requiredPrometheus } from '../../core/required-prometheus';
import { createApp, environmentNames } from '../synthesis/environment';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';
import { chooseEnvironments } from './environments';

/** Command `plan`: prints the resources and limits that each environment's fleet needs. */
export const plan: CommandModule = { define: definePlanOptions, run: runPlan };

function definePlanOptions(line: CommandLine): void {
  line
    .description(
      'Prints the resources that the fleets of the environments need: series, memory, volumes, shards, replicas and uplink ' +
        'traffic per node, now and at ten times the nodes. The fleet is set by edge.fleet in the settings.',
    )
    .option('--environment <name>', 'only this environment (default: all)');
}

function runPlan(line: CommandLine, { environments, io }: CommandContext): void {
  const only = chooseEnvironments(line.opts<{ environment?: string }>().environment, environments);
  const tables = environmentNames(only).flatMap((name) => formatPlanTables(name, only));
  io.stdout(`${tables.join('\n\n')}\n`);
}

/** Returns a table for each cluster of an environment. */
function formatPlanTables(name: string, environments: CommandContext['environments']): string[] {
  const app = createApp(name, environments);
  const charts = app.node.findAll().filter(isCloudChart);
  const sized = charts.flatMap((chart) => {
    const title = charts.length > 1 ? `${name} ${Platform.of(chart).cluster}` : name;
    return chart.fleet ? [formatPlanTable(title, chart.fleet)] : [];
  });
  const tables = sized.length ? sized : [`${name}: its settings contain no fleet: add edge.fleet`];
  return [...tables, ...requiredPrometheus(app).map(prometheusInstructions)];
}

const isCloudChart = (one: IConstruct): one is CloudChart => one instanceof CloudChart;

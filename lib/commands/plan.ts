import type { IConstruct } from 'constructs';
import { CloudChart } from '../charts/cloud-chart';
import { planTable } from '../fleet/table';
import { appOf, namesOf } from '../synthesis/environment';
import type { CommandContext, CommandModule } from './command';
import type { CommandLine } from './command-line';
import { chosen } from './environments';

/** `npm run --silent plan`: what each environment's fleet needs, and what follows when it grows. */
export const plan: CommandModule = { define, run };

function define(line: CommandLine): void {
  line
    .description(
      'Prints what the fleets of the environments need: series, memory, volumes, shards, replicas and what a node takes ' +
        'of its uplink, now and at ten times the nodes. Fleets are what edge.fleet of the settings says.',
    )
    .option('--environment <name>', 'only this one (default: all)');
}

function run(line: CommandLine, { environments, io }: CommandContext): void {
  const only = chosen(line.opts<{ environment?: string }>().environment, environments);
  const tables = namesOf(only).map((name) => tableOf(name, only));
  io.stdout(`${tables.join('\n\n')}\n`);
}

function tableOf(name: string, environments: CommandContext['environments']): string {
  const fleet = appOf(name, environments).node.findAll().filter(isCloudChart).at(0)?.fleet;
  return fleet ? planTable(name, fleet) : `${name}: its settings say nothing of a fleet: add edge.fleet`;
}

const isCloudChart = (one: IConstruct): one is CloudChart => one instanceof CloudChart;

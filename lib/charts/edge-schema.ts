import type { LogSelection } from '../agents/log-agent';
import { LOG_SELECTION, logAgent, logSending } from '../agents/log-options';
import { dataFolder, tolerations } from '../core/kubernetes-rules';
import * as rules from '../core/option-rules';
import { rulesOf } from '../core/option-table';
import { streamLabels } from '../core/stream-labels';
import { each, options, type RuleTable, required } from '../core/structure-rules';
import type { Rule } from '../core/validation';
import { deviceRule } from '../edge/daemon-set';
import { groupName } from '../edge/edge-group';
import { AGENT_OPTIONS } from '../edge/metrics-agent';
import { metricsProfile } from '../edge/node-exporter';
import { EXPORTER_RULES, type ExporterTraffic, nodeCount } from '../fleet/fleet';
import type {
  EdgeAgentSettings,
  EdgeGroupSettings,
  EdgeLogSettings,
  EdgeSettings,
  FleetSettings,
} from './edge-settings';

/** What can be said of a group of nodes, too. */
const ofNodes: RuleTable<Omit<EdgeGroupSettings, 'name' | 'nodeSelector'>> = {
  freshness: rules.oneOf('fresh', 'balanced', 'frugal'),
  interval: rules.interval,
  instance: rules.oneOf('node', 'address'),
  transport: rules.oneOf('pushgateway', 'remote-write'),
  profile: metricsProfile,
  agent: options<EdgeAgentSettings>(AGENT_OPTIONS),
  device: deviceRule,
  textfileDirectory: rules.absolutePath,
  logs: options<EdgeLogSettings>({
    ...rulesOf<LogSelection>(LOG_SELECTION),
    agent: logAgent,
    streamLabels,
    sending: logSending,
    logRoots: each(dataFolder),
  }),
  tolerations,
  fleet: options<FleetSettings>({
    nodes: required(nodeCount),
    series: rules.wholeNumber(1, 100_000),
    exporters: each(
      options<ExporterTraffic>({
        targets: EXPORTER_RULES.targets,
        series: required(EXPORTER_RULES.series),
        interval: EXPORTER_RULES.interval,
      }),
    ),
    logs: rules.quantity,
    uplinkBudget: rules.quantity,
  }),
};

const oneLabel: Rule = {
  allowed: 'one label with its value, by which the nodes of a group are told from all others',
  accepts: (value) => rules.labels.accepts(value) && Object.keys(value as object).length === 1,
};

/** The settings of the edge, each with what checks it. */
export const edgeSettings: RuleTable<EdgeSettings> = {
  ...ofNodes,
  group: rules.labelValue,
  nodeSelector: rules.labels,
  membership: rules.oneOf('api-server', 'pushes'),
  groups: each(
    options<EdgeGroupSettings>({
      ...ofNodes,
      name: required(groupName),
      nodeSelector: oneLabel,
    }),
  ),
};

import { textfileFolder, tolerations } from '../core/kubernetes-rules';
import * as rules from '../core/option-rules';
import { type OptionTable, offered, optionsRule } from '../core/option-table';
import { each, options, type RuleTable, required } from '../core/structure-rules';
import type { Rule } from '../core/validation';
import { deviceRule } from '../edge/daemon-set';
import { groupName } from '../edge/edge-group';
import { EDGE_LOG_COLLECTOR_OPTIONS, type EdgeLogCollectorProps } from '../edge/log-collector';
import { type EdgeMetricsAgentProps, METRICS_AGENT_OPTIONS } from '../edge/metrics-agent';
import { metricsProfile } from '../edge/node-exporter';
import { NODE_TRAFFIC, nodeCount } from '../fleet/fleet';
import {
  type EdgeGroupSettings,
  type EdgeSettings,
  type FleetSettings,
  OFFERED_AT_EDGE,
} from './edge-settings';

/** The settings `fleet` of the edge and of a group. */
export const FLEET_SETTINGS = {
  ...NODE_TRAFFIC,
  nodes: { rule: nodeCount },
} satisfies OptionTable<FleetSettings>;

/** What can be said of a group of nodes, too. */
const ofNodes: RuleTable<Omit<EdgeGroupSettings, 'name' | 'nodeSelector'>> = {
  freshness: rules.oneOf('fresh', 'balanced', 'frugal'),
  interval: rules.interval,
  instance: rules.oneOf('node', 'address'),
  transport: rules.oneOf('pushgateway', 'remote-write'),
  profile: metricsProfile,
  agent: offered<EdgeMetricsAgentProps>(METRICS_AGENT_OPTIONS, OFFERED_AT_EDGE.agent),
  device: deviceRule,
  textfileDirectory: textfileFolder,
  logs: offered<EdgeLogCollectorProps>(EDGE_LOG_COLLECTOR_OPTIONS, OFFERED_AT_EDGE.logs),
  tolerations,
  fleet: optionsRule<FleetSettings>(FLEET_SETTINGS),
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

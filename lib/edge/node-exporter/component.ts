import type { LogAgent } from '../../agents/log-agent';
import { allLogAgents } from '../../agents/log-agents';
import { pickOptions } from '../../core/option-table';
import type { ThresholdTable } from '../../core/thresholds';
import type { EdgeComponent } from '../edge-component';
import type { RuledNodes } from '../ruled-nodes';
import { nodeDashboard } from './dashboard';
import {
  EDGE_NODE_EXPORTER_OPTIONS,
  EdgeNodeExporter,
  type EdgeNodeExporterProps,
} from './edge-node-exporter';
import {
  alertAndRecordingRulesAboutNodeFileSystems,
  STORAGE_THRESHOLDS,
  type StorageThresholds,
} from './storage.rules';
import {
  alertAndRecordingRulesAboutNodeSystem,
  SYSTEM_THRESHOLDS,
  type SystemThresholds,
} from './system.rules';
import { alertAndRecordingRulesAboutUplink, UPLINK_THRESHOLDS, type UplinkThresholds } from './uplink.rules';

/** Options of `EdgeNodeExporter` that can be set in the props of `EdgeGroup` and in the settings. */
const GROUP_OPTION_NAMES = ['instance', 'textfileDirectory'] as const;
/** Settings that node_exporter adds to the settings of edge nodes. */
export type NodeExporterSettings = Pick<EdgeNodeExporterProps, (typeof GROUP_OPTION_NAMES)[number]>;

/** Options of `EdgeGroup` that node_exporter's component reads. */
export type NodeExporterOfGroup = NodeExporterSettings & Pick<EdgeNodeExporterProps, 'interval' | 'profile'>;

type Thresholds = StorageThresholds & SystemThresholds & UplinkThresholds;

const THRESHOLDS: ThresholdTable<Thresholds> = {
  ...STORAGE_THRESHOLDS,
  ...SYSTEM_THRESHOLDS,
  ...UPLINK_THRESHOLDS,
};

/** Component of node_exporter on edge nodes: options, rules, dashboard and exporters. */
export const nodeExporterComponent = {
  thresholds: THRESHOLDS,
  rules: ({ nodes, logAgents }, limits) => [
    alertAndRecordingRulesAboutNodeFileSystems(limits, nodes),
    alertAndRecordingRulesAboutNodeSystem(limits),
    alertAndRecordingRulesAboutUplink(limits, nodes, allLogAgents(logAgents)),
  ],
  dashboards: () => [nodeDashboard()],
  options: pickOptions(EDGE_NODE_EXPORTER_OPTIONS, GROUP_OPTION_NAMES),
  settings: { nodes: pickOptions(EDGE_NODE_EXPORTER_OPTIONS, GROUP_OPTION_NAMES) },
  toGroupOptions: (settings) => pickOptions(settings, GROUP_OPTION_NAMES),
  createAgents: (scope, edge) => [
    new EdgeNodeExporter(scope, 'node-exporter', {
      ...pickOptions(edge.options, ['interval', 'profile', ...GROUP_OPTION_NAMES]),
      ...edge.agentNameAndNodes('edge-node-exporter'),
      sink: edge.sink,
    }),
  ],
} satisfies EdgeComponent<
  Thresholds,
  { readonly nodes?: readonly RuledNodes[]; readonly logAgents?: readonly LogAgent[] },
  NodeExporterOfGroup,
  NodeExporterSettings
>;

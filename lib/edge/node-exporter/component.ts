import type { LogAgent } from '../../agents/log-agent';
import { logAgentsWith } from '../../agents/log-agents';
import type { Component } from '../../core/component';
import type { RuledNodes } from '../ruled-nodes';
import { nodeDashboard } from './dashboard';
import { STORAGE_THRESHOLDS, type StorageThresholds, storageRules } from './storage.rules';
import { SYSTEM_THRESHOLDS, type SystemThresholds, systemRules } from './system.rules';
import { UPLINK_THRESHOLDS, type UplinkThresholds, uplinkRules } from './uplink.rules';

/** What node_exporter measures of each edge node, as an environment knows it. */
export const nodeExporterComponent: Component<
  StorageThresholds & SystemThresholds & UplinkThresholds,
  { readonly nodes?: readonly RuledNodes[]; readonly logAgents?: readonly LogAgent[] }
> = {
  thresholds: { ...STORAGE_THRESHOLDS, ...SYSTEM_THRESHOLDS, ...UPLINK_THRESHOLDS },
  rules: ({ nodes, logAgents }, limits) => [
    storageRules(limits, nodes),
    systemRules(limits),
    uplinkRules(limits, nodes, logAgentsWith(logAgents)),
  ],
  dashboards: () => [nodeDashboard()],
};

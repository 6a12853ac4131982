import { type OptionTable, offered } from '../../core/option-table';
import { type EdgeMetricsAgentProps, METRICS_AGENT_OPTIONS } from './options';

/** Options of EdgeMetricsAgent that an EdgeGroup passes on as they are. */
const OF_AGENT = [
  'kubelet',
  'services',
  'targetsDirectory',
  'seriesPerTarget',
  'sending',
  'queue',
  'resources',
] as const;

/** Options of the metrics agent of a group. */
export type GroupAgentOptions = Pick<EdgeMetricsAgentProps, (typeof OF_AGENT)[number]>;

/** What an EdgeGroup says of its metrics agent. */
export interface GroupAgent {
  /** How the agent of remote write works. @default - as EdgeMetricsAgent says */
  readonly agent?: GroupAgentOptions;
}

/** Options of EdgeMetricsAgent that settings pass on as they are. */
const OFFERED = ['kubelet', 'services', 'targetsDirectory', 'seriesPerTarget', 'sending', 'queue'] as const;

/** What the metrics agent of the edge does. */
export type EdgeAgentSettings = Pick<EdgeMetricsAgentProps, (typeof OFFERED)[number]>;

/** Settings of the metrics agent. */
export interface AgentSettings {
  /** What the agent of the transport `remote-write` reads beside exporters, and how it sends; refused where no nodes have it. @default - its own */
  readonly agent?: EdgeAgentSettings;
}

/** The options that the metrics agent adds to a group. */
export const GROUP_AGENT = {
  agent: { rule: offered<EdgeMetricsAgentProps>(METRICS_AGENT_OPTIONS, OF_AGENT), default: undefined },
} satisfies OptionTable<GroupAgent>;

/** The settings of the metrics agent. */
export const AGENT_SETTINGS = {
  agent: { rule: offered<EdgeMetricsAgentProps>(METRICS_AGENT_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<AgentSettings>;

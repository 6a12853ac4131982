import { type OptionTable, offeredOptionsRule } from '../../core/option-table';
import { type EdgeMetricsAgentProps, METRICS_AGENT_OPTIONS } from './options';

/** Options of EdgeMetricsAgent that settings forward. */
const OFFERED = [
  'kubelet',
  'services',
  'targetsDirectory',
  'seriesPerTarget',
  'sending',
  'queue',
  'pushes',
] as const;

/** Options of EdgeMetricsAgent that an EdgeGroup forwards. */
const OF_AGENT = [...OFFERED, 'resources'] as const;

/** Options for the metrics agent of a group. */
export type GroupAgentOptions = Pick<EdgeMetricsAgentProps, (typeof OF_AGENT)[number]>;

/** Options of an EdgeGroup for its metrics agent. */
export interface GroupAgent {
  /** Options for the metrics agent. @default - the defaults of EdgeMetricsAgent */
  readonly agent?: GroupAgentOptions;
}

/** Settings for the metrics agent of edge nodes. */
export type EdgeAgentSettings = Pick<EdgeMetricsAgentProps, (typeof OFFERED)[number]>;

/** The settings that the metrics agent adds. */
export interface AgentSettings {
  /**
   * Targets and batches of the metrics agent with the transport `remote-write`; refused if no nodes use it.
   * @default - the agent's defaults
   */
  readonly agent?: EdgeAgentSettings;
}

/** The options that the metrics agent adds to EdgeGroup. */
export const GROUP_AGENT = {
  agent: {
    rule: offeredOptionsRule<EdgeMetricsAgentProps>(METRICS_AGENT_OPTIONS, OF_AGENT),
    default: undefined,
  },
} satisfies OptionTable<GroupAgent>;

/** The settings of the metrics agent. */
export const AGENT_SETTINGS = {
  agent: { rule: offeredOptionsRule<EdgeMetricsAgentProps>(METRICS_AGENT_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<AgentSettings>;

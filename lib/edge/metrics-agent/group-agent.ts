import { type OptionTable, optionSubsetRule } from '../../core/option-table';
import { type EdgeMetricsAgentProps, METRICS_AGENT_OPTIONS } from './options';

/** Options of `EdgeMetricsAgent` that can be set in the settings. */
const AGENT_SETTING_NAMES = [
  'kubelet',
  'services',
  'targetsDirectory',
  'seriesPerTarget',
  'sending',
  'queue',
  'pushes',
] as const;

/** Options of `EdgeMetricsAgent` that can be set in the option `agent` of `EdgeGroup`. */
const GROUP_AGENT_OPTION_NAMES = [...AGENT_SETTING_NAMES, 'resources'] as const;

/** Options of the metrics agent of a group. */
export type GroupAgentOptions = Pick<EdgeMetricsAgentProps, (typeof GROUP_AGENT_OPTION_NAMES)[number]>;

/** Option of `EdgeGroup` that configures the metrics agent of its nodes. */
export interface GroupAgent {
  /** Options of the metrics agent. @default - the defaults of `EdgeMetricsAgent` */
  readonly agent?: GroupAgentOptions;
}

/** Settings for the metrics agent of edge nodes. */
export type EdgeAgentSettings = Pick<EdgeMetricsAgentProps, (typeof AGENT_SETTING_NAMES)[number]>;

/** The part of the settings of edge nodes that configures the metrics agent. */
export interface AgentSettings {
  /**
   * Options of the metrics agent: targets, batches, queue and pushes. Synthesis fails if this setting is set although
   * no nodes use the transport `remote-write`.
   * @default - the default of each option
   */
  readonly agent?: EdgeAgentSettings;
}

/** Validation rule and default of the option of `EdgeGroup` that configures the metrics agent. */
export const GROUP_AGENT = {
  agent: {
    rule: optionSubsetRule<EdgeMetricsAgentProps>(METRICS_AGENT_OPTIONS, GROUP_AGENT_OPTION_NAMES),
    default: undefined,
  },
} satisfies OptionTable<GroupAgent>;

/** Validation rule and default of the setting of edge nodes that configures the metrics agent. */
export const AGENT_SETTINGS = {
  agent: {
    rule: optionSubsetRule<EdgeMetricsAgentProps>(METRICS_AGENT_OPTIONS, AGENT_SETTING_NAMES),
    default: {},
  },
} satisfies OptionTable<AgentSettings>;

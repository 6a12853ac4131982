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

/** The options that the metrics agent adds to a group. */
export const GROUP_AGENT = {
  agent: { rule: offered<EdgeMetricsAgentProps>(METRICS_AGENT_OPTIONS, OF_AGENT), default: undefined },
} satisfies OptionTable<GroupAgent>;

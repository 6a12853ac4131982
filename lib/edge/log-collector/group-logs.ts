import type { LogSink } from '../../contracts/log-sink';
import { logSink } from '../../core/contract-rules';
import { type OptionTable, optionSubsetRule, optionsRuleExcept } from '../../core/option-table';
import { EDGE_LOG_COLLECTOR_OPTIONS, type EdgeLogCollectorProps } from './options';

/** Options of `EdgeGroup` for the logs of its nodes. */
export interface GroupLogs {
  /** Sink for logs. @default - no log collector is created */
  readonly logs?: LogSink;
  /** Options of the log collector. @default - the defaults of `EdgeLogCollector` */
  readonly logCollector?: Partial<Omit<EdgeLogCollectorProps, 'sink'>>;
}

/** Options of `EdgeLogCollector` that can be set in the settings. */
const LOG_SETTING_NAMES = [
  'agent',
  'streamLabels',
  'keep',
  'drop',
  'multiline',
  'sending',
  'logRoots',
] as const;

/** Settings for the log collector of edge nodes. */
export type EdgeLogSettings = Pick<EdgeLogCollectorProps, (typeof LOG_SETTING_NAMES)[number]>;

/** The part of the settings of edge nodes that configures the log collector. */
export interface LogSettings {
  /**
   * Options of the log collector: the log agent, the log lines that the agent sends, and its batches.
   * @default - Fluent Bit sends all lines
   */
  readonly logs?: EdgeLogSettings;
}

/** Validation rules and defaults of the options of `EdgeGroup` that configure the log collector. */
export const GROUP_LOGS = {
  logs: { rule: logSink, default: undefined },
  // The collector's sink is not set here, because it is the option `logs` of the group.
  logCollector: {
    rule: optionsRuleExcept<EdgeLogCollectorProps>(EDGE_LOG_COLLECTOR_OPTIONS, 'sink'),
    default: undefined,
  },
} satisfies OptionTable<GroupLogs>;

/** Validation rule and default of the setting of edge nodes that configures the log collector. */
export const LOG_SETTINGS = {
  logs: {
    rule: optionSubsetRule<EdgeLogCollectorProps>(EDGE_LOG_COLLECTOR_OPTIONS, LOG_SETTING_NAMES),
    default: {},
  },
} satisfies OptionTable<LogSettings>;

import type { LogSink } from '../../contracts/log-sink';
import { logSink } from '../../core/contract-rules';
import { type OptionTable, offeredOptionsRule, offeredOptionsRuleExcept } from '../../core/option-table';
import { EDGE_LOG_COLLECTOR_OPTIONS, type EdgeLogCollectorProps } from './options';

/** Options of an EdgeGroup for the logs of its nodes. */
export interface GroupLogs {
  /** Sink for logs. @default - none; no log collector is created */
  readonly logs?: LogSink;
  /** Options for the log collector. @default - the defaults of EdgeLogCollector */
  readonly logCollector?: Partial<Omit<EdgeLogCollectorProps, 'sink'>>;
}

/** Options of EdgeLogCollector that settings forward. */
const OFFERED = ['agent', 'streamLabels', 'keep', 'drop', 'multiline', 'sending', 'logRoots'] as const;

/** Settings for the log collector of edge nodes. */
export type EdgeLogSettings = Pick<EdgeLogCollectorProps, (typeof OFFERED)[number]>;

/** Settings of the log collector. */
export interface LogSettings {
  /** Selection, agent and batches of log lines. @default - all lines are sent */
  readonly logs?: EdgeLogSettings;
}

/** The options that the log collector adds to EdgeGroup. */
export const GROUP_LOGS = {
  logs: { rule: logSink, default: undefined },
  // The sink is the option `logs` of the group.
  logCollector: {
    rule: offeredOptionsRuleExcept<EdgeLogCollectorProps>(EDGE_LOG_COLLECTOR_OPTIONS, 'sink'),
    default: undefined,
  },
} satisfies OptionTable<GroupLogs>;

/** The settings of the log collector. */
export const LOG_SETTINGS = {
  logs: { rule: offeredOptionsRule<EdgeLogCollectorProps>(EDGE_LOG_COLLECTOR_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<LogSettings>;

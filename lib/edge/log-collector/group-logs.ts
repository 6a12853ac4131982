import type { LogSink } from '../../contracts/log-sink';
import { logSink } from '../../core/contract-rules';
import { type OptionTable, offered, offeredBut } from '../../core/option-table';
import { EDGE_LOG_COLLECTOR_OPTIONS, type EdgeLogCollectorProps } from './options';

/** What an EdgeGroup says of the logs of its nodes. */
export interface GroupLogs {
  /** Where logs go. @default - nowhere: no log collector */
  readonly logs?: LogSink;
  /** How the log collector works. @default - as EdgeLogCollector says */
  readonly logCollector?: Partial<Omit<EdgeLogCollectorProps, 'sink'>>;
}

/** Options of EdgeLogCollector that settings pass on as they are. */
const OFFERED = ['agent', 'streamLabels', 'keep', 'drop', 'multiline', 'sending', 'logRoots'] as const;

/** What the log collector of the edge does. */
export type EdgeLogSettings = Pick<EdgeLogCollectorProps, (typeof OFFERED)[number]>;

/** Settings of the log collector. */
export interface LogSettings {
  /** Which lines of its containers are sent, by which program, and how. @default - all lines */
  readonly logs?: EdgeLogSettings;
}

/** The options that the log collector adds to a group. */
export const GROUP_LOGS = {
  logs: { rule: logSink, default: undefined },
  // Lines go where `logs` says.
  logCollector: {
    rule: offeredBut<EdgeLogCollectorProps>(EDGE_LOG_COLLECTOR_OPTIONS, 'sink'),
    default: undefined,
  },
} satisfies OptionTable<GroupLogs>;

/** The settings of the log collector. */
export const LOG_SETTINGS = {
  logs: { rule: offered<EdgeLogCollectorProps>(EDGE_LOG_COLLECTOR_OPTIONS, OFFERED), default: {} },
} satisfies OptionTable<LogSettings>;

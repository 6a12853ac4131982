import type { LogSink } from '../../contracts/log-sink';
import { logSink } from '../../core/contract-rules';
import { type OptionTable, offeredBut } from '../../core/option-table';
import { EDGE_LOG_COLLECTOR_OPTIONS, type EdgeLogCollectorProps } from './options';

/** What an EdgeGroup says of the logs of its nodes. */
export interface GroupLogs {
  /** Where logs go. @default - nowhere: no log collector */
  readonly logs?: LogSink;
  /** How the log collector works. @default - as EdgeLogCollector says */
  readonly logCollector?: Partial<Omit<EdgeLogCollectorProps, 'sink'>>;
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

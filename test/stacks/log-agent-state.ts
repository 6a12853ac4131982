import type { LogAgent } from '../../lib';

/** State of a log agent, from the metrics of the agent. */
export interface LogAgentState {
  /** Number of lines that the agent has read since its start. */
  readonly lines: number;
  /** Data that the agent has not sent yet: number of chunks of Fluent Bit, bytes of other agents. */
  readonly unsent: number;
}

/** Metrics of an agent: of lines that it has read, and of batches that it has begun to send, of which some have ended. */
interface StateMetrics {
  readonly lines: string;
  readonly begun: string;
  readonly ended: readonly string[];
}

/** Batches of agents whose client is Promtail's. */
const batches = (prefix: string): Omit<StateMetrics, 'lines'> => ({
  begun: `${prefix}_encoded_bytes_total`,
  ended: [`${prefix}_sent_bytes_total`, `${prefix}_dropped_bytes_total`],
});

const METRICS: Readonly<Record<string, StateMetrics>> = {
  'fluent-bit': {
    lines: 'fluentbit_input_records_total{name="tail.0"}',
    // The metric in bytes leaves out chunks that wait for another attempt.
    begun: 'fluentbit_input_storage_chunks_busy{name="tail.0"}',
    ended: [],
  },
  alloy: { lines: 'loki_source_file_read_lines_total', ...batches('loki_write') },
  promtail: { lines: 'promtail_read_lines_total', ...batches('promtail') },
};

/** Returns the state of an agent from the text of its metrics. */
export function logAgentState({ name }: LogAgent, text: string): LogAgentState {
  const metrics = METRICS[name];
  if (!metrics) throw new Error(`no metrics of ${name} are known: add them to log-agent-state.ts`);
  const sum = (metric: string) => sumOfSeries(text, metric);
  const ended = metrics.ended.reduce((total, metric) => total + sum(metric), 0);
  return { lines: sum(metrics.lines), unsent: sum(metrics.begun) - ended };
}

/** Adds the values of all series of a metric, or of the one that is given with its labels. */
export function sumOfSeries(text: string, metric: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric} `) || line.startsWith(`${metric}{`))
    .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
}

import { bytes, type Quantity } from '../../core/units';

/**
 * Thresholds of the backlog for flushing more often. Fluent Bit flushes at each `flush` interval and pauses
 * reading while eight chunks are being sent, so that a long interval leaves the link idle. From these amounts
 * on, it flushes after a half, three eighths or a quarter of `batchWait`. It measures the backlog relative to
 * the maximum disk usage, `most`, which outlasts a hundred restarts within an outage; beyond it the oldest
 * lines are dropped and counted.
 */
export const BACKLOG = { most: '2Gi', sooner: '2Mi', evenSooner: '3Mi', soonest: '4Mi' } as const;

/**
 * Configures the adaptive flush interval: twice `flush` below the first threshold, then 1, 0.75 and 0.5 times
 * `flush`.
 */
export function flushSettings(batchWait: number): Readonly<Record<string, unknown>> {
  const share = (size: Quantity) => (100 * bytes(size)) / bytes(BACKLOG.most);
  return {
    flush: batchWait / 2,
    'flush.adaptive': 'on',
    'flush.adaptive.min_interval': batchWait / 4,
    'flush.adaptive.max_interval': batchWait,
    'flush.adaptive.low_pressure': share(BACKLOG.sooner),
    'flush.adaptive.medium_pressure': share(BACKLOG.evenSooner),
    'flush.adaptive.high_pressure': share(BACKLOG.soonest),
    'flush.adaptive.up_steps': 1,
    'flush.adaptive.down_steps': 1,
  };
}

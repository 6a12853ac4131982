import { bytes, type Quantity } from '../../core/units';

/**
 * Sizes of the backlog at which Fluent Bit flushes more often. Fluent Bit pauses reading while eight chunks are being
 * sent, so with a long flush interval the link would be idle. Below `sooner`, the interval is `batchWait`; from `sooner`
 * on it is a half, from `evenSooner` on three eighths, and from `soonest` on a quarter of `batchWait`.
 *
 * `most` is the maximum size of the stored backlog. It suffices for a hundred restarts within an outage. If it is
 * exceeded, the oldest lines are dropped and counted.
 */
export const BACKLOG_SIZES = { most: '2Gi', sooner: '2Mi', evenSooner: '3Mi', soonest: '4Mi' } as const;

/**
 * Returns the settings of the adaptive flush interval: twice `flush` below the first threshold, then 1, 0.75 and 0.5 times
 * `flush`.
 * @param batchWait seconds between two batches without a backlog
 */
export function flushSettings(batchWait: number): Readonly<Record<string, unknown>> {
  const backlogPercent = (size: Quantity) => (100 * bytes(size)) / bytes(BACKLOG_SIZES.most);
  return {
    flush: batchWait / 2,
    'flush.adaptive': 'on',
    'flush.adaptive.min_interval': batchWait / 4,
    'flush.adaptive.max_interval': batchWait,
    'flush.adaptive.low_pressure': backlogPercent(BACKLOG_SIZES.sooner),
    'flush.adaptive.medium_pressure': backlogPercent(BACKLOG_SIZES.evenSooner),
    'flush.adaptive.high_pressure': backlogPercent(BACKLOG_SIZES.soonest),
    'flush.adaptive.up_steps': 1,
    'flush.adaptive.down_steps': 1,
  };
}

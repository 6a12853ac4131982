import { type Quantity, toBytes } from '../../core/units';

/**
 * Sizes of the backlog at which Fluent Bit flushes more often. Fluent Bit pauses reading while eight chunks are being
 * sent, so with a long flush interval the link would be idle. The flush interval is `batchWait` for a backlog below
 * `sooner`, 1/2 of `batchWait` from `sooner`, 3/8 from `evenSooner`, and 1/4 from `soonest`.
 *
 * `most` is the maximum size of the backlog on disk, which suffices for a hundred restarts within an outage. If the
 * backlog exceeds this size, the oldest lines are dropped and counted.
 */
export const BACKLOG_SIZES = { most: '2Gi', sooner: '2Mi', evenSooner: '3Mi', soonest: '4Mi' } as const;

/**
 * Returns the settings of the adaptive flush interval. `flush` is half of `batchWait`. Fluent Bit multiplies `flush` by
 * 2 for a backlog below `sooner` (see `BACKLOG_SIZES`), 1 from `sooner`, 0.75 from `evenSooner`, 0.5 from `soonest`.
 * @param batchWait seconds between two batches if there is no backlog
 */
export function adaptiveFlushSettings(batchWait: number): Readonly<Record<string, unknown>> {
  const convertSizeToPercentOfMaxBacklog = (size: Quantity) =>
    (100 * toBytes(size)) / toBytes(BACKLOG_SIZES.most);
  return {
    flush: batchWait / 2,
    'flush.adaptive': 'on',
    'flush.adaptive.min_interval': batchWait / 4,
    'flush.adaptive.max_interval': batchWait,
    'flush.adaptive.low_pressure': convertSizeToPercentOfMaxBacklog(BACKLOG_SIZES.sooner),
    'flush.adaptive.medium_pressure': convertSizeToPercentOfMaxBacklog(BACKLOG_SIZES.evenSooner),
    'flush.adaptive.high_pressure': convertSizeToPercentOfMaxBacklog(BACKLOG_SIZES.soonest),
    'flush.adaptive.up_steps': 1,
    'flush.adaptive.down_steps': 1,
  };
}

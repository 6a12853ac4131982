import type { Duration } from '../core/units';
import { duration, interval, labelValue, oneOf, verify } from '../core/validation';

/** The nodes of one group, as rules have to know them. */
export interface RuledNodes {
  /** Their group, as messages name it. */
  readonly group: string;
  /** How their metrics travel. */
  readonly transport: 'pushgateway' | 'remote-write';
  /** How often they are pushed; an agent tells of itself once a minute, however often it measures. @default "10s" */
  readonly interval?: Duration;
  /** How often the Pushgateway is read that they push to. @default "10s" */
  readonly scrapeInterval?: Duration;
  /** How long an agent's samples wait for others. @default "55s" */
  readonly batchWait?: Duration;
}

/** @throws InvalidOptionError that names the group, what was given and what is allowed. */
export function verifyNodes(where: string, nodes: readonly RuledNodes[]): void {
  for (const { group, ...known } of nodes) {
    verify(where, { 'group of nodes': [group ?? null, labelValue] });
    verify(`${where}: nodes of group ${group}`, {
      transport: [known.transport ?? null, oneOf('pushgateway', 'remote-write')],
      interval: [known.interval, interval],
      scrapeInterval: [known.scrapeInterval, interval],
      batchWait: [known.batchWait, duration],
    });
  }
}

import type { Construct } from 'constructs';
import { DEFAULT_TRANSPORT, type MetricsSink } from '../contracts/metrics-sink';
import { invalid } from '../core/validation';
import type { EdgeSettings } from './edge-settings';
import type { ServedGroup } from './served-groups';

/**
 * Returns the sink for the transport of a node group. A single sink is used for all groups without a
 * transport.
 * @throws InvalidOptionError when no sink, or more than one, supports the transport.
 */
export function metricsSinkOf(
  where: Construct,
  sinks: readonly MetricsSink[],
  group: ServedGroup,
  edge?: EdgeSettings,
): MetricsSink {
  const [only] = sinks;
  if (only && sinks.length === 1 && group.transport === undefined) return only;
  const { transport = DEFAULT_TRANSPORT } = group;
  const [sink, second] = sinks.filter(({ protocol }) => protocol === transport);
  if (second)
    throw invalid(where, `metrics has several sinks for ${transport}; allowed: one sink for each transport`);
  if (sink) return sink;
  const protocols = sinks.map(({ protocol }) => `"${protocol}"`);
  throw invalid(
    where,
    `${settingPathOf(group, edge)} is "${transport}"; allowed: ${protocols.join(', ')}, for which metrics has a sink: ` +
      `pass all sinks of the CloudChart (metrics: cloud.sinks), or ${MAKERS[transport]} as well`,
  );
}

const MAKERS = {
  pushgateway: 'fromPushgateway({ ... })',
  'remote-write': 'fromRemoteWrite({ ... })',
} as const;

/** Returns the path of the setting that determines the transport of a group. */
function settingPathOf({ name }: ServedGroup, { groups = [] }: EdgeSettings = {}): string {
  const index = groups.findIndex((group) => group.name === name && group.transport !== undefined);
  return index < 0 ? 'settings.edge.transport' : `settings.edge.groups[${index}].transport`;
}

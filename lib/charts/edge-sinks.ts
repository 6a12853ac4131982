import type { Construct } from 'constructs';
import { DEFAULT_TRANSPORT, type MetricsSink } from '../contracts/metrics-sink';
import { optionError } from '../core/validation';
import type { EdgeSettings } from './edge-settings';
import type { ResolvedNodeGroup } from './node-groups';

/**
 * Returns the sink for the transport of a node group. If there is a single sink, a group without a transport uses
 * this sink.
 * @throws InvalidOptionError when no sink or several sinks support the transport.
 */
export function selectMetricsSink(
  where: Construct,
  sinks: readonly MetricsSink[],
  group: ResolvedNodeGroup,
  edge?: EdgeSettings,
): MetricsSink {
  const [only] = sinks;
  if (only && sinks.length === 1 && group.transport === undefined) return only;
  const { transport = DEFAULT_TRANSPORT } = group;
  const [sink, second] = sinks.filter(({ protocol }) => protocol === transport);
  if (second)
    throw optionError(
      where,
      `the option "metrics" contains several sinks for the transport "${transport}"; allowed: one sink for each transport`,
    );
  if (sink) return sink;
  const protocols = sinks.map(({ protocol }) => `"${protocol}"`);
  throw optionError(
    where,
    `${transportSettingPath(group, edge)} is "${transport}", but the option "metrics" only contains sinks for ${protocols.join(', ')}: ` +
      `change the transport, pass all sinks of the CloudChart (metrics: cloud.sinks), or add the sink ${SINK_FACTORIES[transport]}`,
  );
}

/** For each transport, the function call that creates a sink. Error messages contain these calls. */
const SINK_FACTORIES = {
  pushgateway: 'fromPushgateway({ ... })',
  'remote-write': 'fromRemoteWrite({ ... })',
} as const;

/**
 * Returns the path of the setting that determines the transport of a group, such as
 * `settings.edge.groups[0].transport`.
 */
function transportSettingPath({ name }: ResolvedNodeGroup, { groups = [] }: EdgeSettings = {}): string {
  const index = groups.findIndex((group) => group.name === name && group.transport !== undefined);
  return index < 0 ? 'settings.edge.transport' : `settings.edge.groups[${index}].transport`;
}

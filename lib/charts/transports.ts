import { DEFAULT_TRANSPORT } from '../contracts/metrics-sink';
import { nodeGroupsWithInheritedSettings } from './node-groups';
import type { Settings } from './settings';

/**
 * Returns the transports that the settings use, without duplicates. The first transport is the transport of the
 * nodes that belong to no group.
 */
export const transportsInUse = ({ edge }: Pick<Settings, 'edge'>) => [
  ...new Set(nodeGroupsWithInheritedSettings(edge).map(({ transport = DEFAULT_TRANSPORT }) => transport)),
];

/**
 * Returns whether business services have a Pushgateway: a node group uses the transport "pushgateway", or
 * `pushgateways.services` is set.
 */
export const hasPushgatewayForServices = (settings: Pick<Settings, 'edge' | 'pushgateways'>): boolean =>
  settings.pushgateways?.services !== undefined || transportsInUse(settings).includes('pushgateway');

import { DEFAULT_TRANSPORT } from '../contracts/metrics-sink';
import { servedGroups } from './served-groups';
import type { Settings } from './settings';

/** Returns the transports in use, starting with that of nodes without a group. */
export const transportsOf = ({ edge }: Pick<Settings, 'edge'>) => [
  ...new Set(servedGroups(edge).map(({ transport = DEFAULT_TRANSPORT }) => transport)),
];

/** Whether business services have a Pushgateway: if exporters have one, or the settings request it. */
export const hasServicesPushgateway = (settings: Pick<Settings, 'edge' | 'pushgateways'>): boolean =>
  settings.pushgateways?.services !== undefined || transportsOf(settings).includes('pushgateway');

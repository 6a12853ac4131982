import { DEFAULT_TRANSPORT } from '../contracts/metrics-sink';
import { servedGroups } from './served-groups';
import type { Settings } from './settings';

/** All that are in use, that of nodes in no group first. */
export const transportsOf = ({ edge }: Pick<Settings, 'edge'>) => [
  ...new Set(servedGroups(edge).map(({ transport = DEFAULT_TRANSPORT }) => transport)),
];

/** Whether business services have a Pushgateway: where exporters have one, too, or settings ask for it. */
export const hasServicesPushgateway = (settings: Pick<Settings, 'edge' | 'pushgateways'>): boolean =>
  settings.pushgateways?.services !== undefined || transportsOf(settings).includes('pushgateway');

import { DEFAULT_INTERVAL, DEFAULT_TRANSPORT } from '../contracts/metrics-sink';
import { transport } from '../core/contract-rules';
import { interval, labels, labelValue, oneOf } from '../core/option-rules';
import { type OptionTable, optionsRule, pickOptions } from '../core/option-table';
import { eachMember } from '../core/structure-rules';
import type { Rule } from '../core/validation';
import { EDGE_GROUP_OPTIONS, groupName } from '../edge/edge-group';
import { NODE_TRAFFIC, nodeCount } from '../fleet/fleet';
import { settingsOfComponents } from './components';
import {
  type EdgeGroupSettings,
  type EdgeSettings,
  type FleetSettings,
  OFFERED_OF_GROUP,
} from './edge-settings';
import { FRESHNESS } from './freshness';

/** The settings `fleet` of the edge and of a group. */
export const FLEET_SETTINGS = {
  ...NODE_TRAFFIC,
  nodes: { rule: nodeCount },
} satisfies OptionTable<FleetSettings>;

/** Settings that apply to all nodes or to a group. */
export const NODES_SETTINGS = {
  ...pickOptions(EDGE_GROUP_OPTIONS, OFFERED_OF_GROUP),
  ...settingsOfComponents('nodes'),
  freshness: { rule: oneOf(...Object.keys(FRESHNESS)), default: undefined },
  interval: { rule: interval, default: DEFAULT_INTERVAL },
  // The default depends on the transport.
  profile: { rule: EDGE_GROUP_OPTIONS.profile.rule, default: undefined },
  transport: { rule: transport, default: DEFAULT_TRANSPORT },
  fleet: { rule: optionsRule<FleetSettings>(FLEET_SETTINGS), default: undefined },
} satisfies OptionTable<Omit<EdgeGroupSettings, 'name' | 'nodeSelector'>>;

const oneLabel: Rule = {
  allowed: 'one label with a value, which only the nodes of the group have',
  accepts: (value) => labels.accepts(value) && Object.keys(value as object).length === 1,
};

/** The settings of a group of nodes. */
export const GROUP_SETTINGS = {
  ...NODES_SETTINGS,
  name: { rule: groupName },
  nodeSelector: { rule: oneLabel, default: undefined },
} satisfies OptionTable<EdgeGroupSettings>;

/** The settings of the edge. */
export const EDGE_SETTINGS = {
  ...NODES_SETTINGS,
  group: { rule: labelValue, default: undefined },
  nodeSelector: { rule: labels, default: undefined },
  membership: { rule: oneOf('api-server', 'pushes'), default: 'api-server' },
  groups: { rule: eachMember(optionsRule<EdgeGroupSettings>(GROUP_SETTINGS)), default: [] },
} satisfies OptionTable<EdgeSettings>;

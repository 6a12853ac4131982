import { DEFAULT_INTERVAL, DEFAULT_TRANSPORT } from '../contracts/metrics-sink';
import { transport } from '../core/contract-rules';
import { interval, labels, labelValue, oneOfRule } from '../core/option-rules';
import { type OptionTable, optionsRule, pickOptions } from '../core/option-table';
import { listRule } from '../core/structure-rules';
import type { Rule } from '../core/validation';
import { EDGE_GROUP_OPTIONS, groupName } from '../edge/edge-group';
import { NODE_TRAFFIC, nodeCount } from '../fleet/fleet';
import { mergeSettingValidationRules } from './components';
import {
  type EdgeGroupSettings,
  type EdgeSettings,
  type FleetSettings,
  FORWARDED_GROUP_OPTIONS,
} from './edge-settings';
import { FRESHNESS } from './freshness';

/** Validation rules of the options of `FleetSettings`. */
export const FLEET_SETTINGS = {
  ...NODE_TRAFFIC,
  nodes: { rule: nodeCount },
} satisfies OptionTable<FleetSettings>;

/** Validation rules of the settings that exist both in `edge` and in a node group. */
export const NODES_SETTINGS = {
  ...pickOptions(EDGE_GROUP_OPTIONS, FORWARDED_GROUP_OPTIONS),
  ...mergeSettingValidationRules('nodes'),
  freshness: { rule: oneOfRule(...Object.keys(FRESHNESS)), default: undefined },
  interval: { rule: interval, default: DEFAULT_INTERVAL },
  // The default of profile depends on the transport: see EdgeSettings.
  profile: { rule: EDGE_GROUP_OPTIONS.profile.rule, default: undefined },
  transport: { rule: transport, default: DEFAULT_TRANSPORT },
  fleet: { rule: optionsRule<FleetSettings>(FLEET_SETTINGS), default: undefined },
} satisfies OptionTable<Omit<EdgeGroupSettings, 'name' | 'nodeSelector'>>;

const oneLabel: Rule = {
  allowed: 'exactly one label, with a value that only the nodes of the group have, such as { site: "north" }',
  accepts: (value) => labels.accepts(value) && Object.keys(value as object).length === 1,
};

/** Validation rules of the settings of a node group. */
export const GROUP_SETTINGS = {
  ...NODES_SETTINGS,
  name: { rule: groupName },
  nodeSelector: { rule: oneLabel, default: undefined },
} satisfies OptionTable<EdgeGroupSettings>;

/** Validation rules of the settings `edge`. */
export const EDGE_SETTINGS = {
  ...NODES_SETTINGS,
  group: { rule: labelValue, default: undefined },
  nodeSelector: { rule: labels, default: undefined },
  membership: { rule: oneOfRule('api-server', 'pushes'), default: 'api-server' },
  groups: { rule: listRule(optionsRule<EdgeGroupSettings>(GROUP_SETTINGS)), default: [] },
} satisfies OptionTable<EdgeSettings>;

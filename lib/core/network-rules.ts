import type { NetworkPeer } from '../contracts/network';
import { cidr, dnsLabel, labels, nonEmptyListRuleWithSingleError, port } from './option-rules';
import { type OptionTable, optionsRule } from './option-table';
import { unionRule } from './structure-rules';
import { problemsOfValue, type Rule, ruleViolationText } from './validation';

type Pods = Extract<NetworkPeer, { namespace: string }>;
type Addresses = Extract<NetworkPeer, { cidrs: readonly string[] }>;
type EveryAddress = Extract<NetworkPeer, { anywhere: true }>;

/** Validation rules of the fields of a `NetworkPeer` that selects pods. */
export const PODS = {
  namespace: { rule: dnsLabel },
  podLabels: { rule: labels, default: undefined },
} satisfies OptionTable<Pods>;
const ADDRESSES = { cidrs: { rule: nonEmptyListRuleWithSingleError(cidr) } } satisfies OptionTable<Addresses>;
const anywhere: Rule = { allowed: 'true', accepts: (value) => value === true };
const EVERY_ADDRESS = { anywhere: { rule: anywhere } } satisfies OptionTable<EveryAddress>;

/** Validation rule for an option of type `NetworkPeer`. */
export const networkPeer = unionRule(
  '{ namespace: "shop" }, { cidrs: ["10.0.0.0/16"] } or { anywhere: true }',
  {
    cidrs: optionsRule<Addresses>(ADDRESSES),
    anywhere: optionsRule<EveryAddress>(EVERY_ADDRESS),
    namespace: optionsRule<Pods>(PODS),
  },
);

/** Validation rule for an option of type `NetworkServer`. Only the members of this interface are checked. */
export const networkServer: Rule = {
  allowed: 'an object with the fields peer and port and the method admit(), such as a server of this stack',
  accepts: (value) => networkServer.problems?.(value, '').length === 0,
  problems: (value, path) => {
    const { peer, port: number, admit } = Object(value);
    if (typeof admit !== 'function' || peer === undefined)
      return [ruleViolationText(path, value, networkServer)];
    return [
      ...problemsOfValue(`${path}.peer`, peer, networkPeer),
      ...problemsOfValue(`${path}.port`, number, port),
    ];
  },
};

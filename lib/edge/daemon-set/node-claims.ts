import type { Construct } from 'constructs';
import { Platform } from '../../core/platform';
import { optionError } from '../../core/validation';

/** A set of nodes, selected by their labels. */
export interface NodeSet {
  /** Labels that each node of the set has. @default - nodes with any labels, and nodes without labels */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /**
   * Labels that exclude nodes from the set. Keys are names of labels. A node is excluded if its label has one of the
   * listed values.
   * @default - no node is excluded
   */
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
}

/** A workload's exclusive use of a resource, such as host port 9100, on a set of nodes. */
interface Claim extends NodeSet {
  readonly owner: Construct;
  /** Cluster of the nodes. @default - unknown; the nodes can belong to any cluster */
  readonly cluster?: string;
}

/**
 * Claims of one resource. The key of the outer map is the name of the first label, in alphabetical order, of the
 * claim's `nodeSelector`. The key of the inner map is the value of this label. Claims with different values of this
 * label cannot conflict, because a node has only one value of a label.
 */
type Claims = Map<string, Map<string, Claim[]>>;

/** All claims. The first key is the root of the construct tree, the second key is the name of the resource. */
const claims = new WeakMap<Construct, Map<string, Claims>>();

/**
 * Reserves a resource for a workload. Each node has the resource only once, for example a host port or a Pushgateway
 * group. Two workloads can reserve the same resource if no node can run both workloads, or if the clusters of the
 * workloads differ.
 * @param what name of the resource in the error, such as `host port 9100`
 * @param remedy end of the error message, which tells the user what to change
 * @throws InvalidOptionError that names both workloads, if they can run on the same node.
 */
export function claimNodeResource(
  owner: Construct,
  what: string,
  { nodeSelector, excludedNodes }: NodeSet,
  remedy: string,
): void {
  const root = owner.node.root as Construct;
  const all = claims.get(root) ?? new Map<string, Claims>();
  claims.set(root, all);
  const held: Claims = all.get(what) ?? new Map();
  all.set(what, held);
  const claim = { owner, nodeSelector, excludedNodes, cluster: Platform.clusterOf(owner) };
  const conflicting = findPossiblyConflictingClaims(held, claim).find((other) =>
    canClaimsConflict(other, claim),
  );
  if (conflicting)
    throw optionError(
      owner,
      `${what} is already used on the same nodes by ${conflicting.owner.node.path}: ${remedy}`,
    );
  const [key, value] = alphabeticallyFirstSelectorLabel(claim);
  const byValue = held.get(key) ?? new Map<string, Claim[]>();
  held.set(key, byValue.set(value, [...(byValue.get(value) ?? []), claim]));
}

/**
 * Returns the existing claims that can conflict with a new claim. Omits claims for another value of the same node
 * label, such as `group=south` if the new claim has `group=north`, so the check is fast even with thousands of groups.
 */
function findPossiblyConflictingClaims(held: Claims, claim: Claim): Claim[] {
  const [key, value] = alphabeticallyFirstSelectorLabel(claim);
  return [...held].flatMap(([other, byValue]) =>
    other === key ? (byValue.get(value) ?? []) : [...byValue.values()].flat(),
  );
}

const alphabeticallyFirstSelectorLabel = ({ nodeSelector = {} }: NodeSet): [string, string] =>
  Object.entries(nodeSelector).sort(([one], [other]) => (one < other ? -1 : 1))[0] ?? ['', ''];

function canClaimsConflict(one: Claim, other: Claim): boolean {
  const isElsewhere =
    one.cluster !== undefined && other.cluster !== undefined && one.cluster !== other.cluster;
  return !isElsewhere && canNodeOfFirstSetBeInSecond(one, other) && canNodeOfFirstSetBeInSecond(other, one);
}

/** Returns whether a node with the labels in the `nodeSelector` of the first set can also be in the second set. */
function canNodeOfFirstSetBeInSecond({ nodeSelector = {} }: NodeSet, other: NodeSet): boolean {
  return Object.entries(nodeSelector).every(
    ([key, value]) =>
      (other.nodeSelector?.[key] ?? value) === value && !other.excludedNodes?.[key]?.includes(value),
  );
}

import type { Construct } from 'constructs';
import { Platform } from '../../core/platform';
import { invalid } from '../../core/validation';

/** A set of nodes, selected by their labels. */
export interface NodeSet {
  /** Labels that each node has. @default - none */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Labels with values that no node has. @default - none */
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
}

/** Something that a workload occupies on its nodes. */
interface Claim extends NodeSet {
  readonly owner: Construct;
  /** The cluster of the nodes. @default - unknown; they may belong to any cluster */
  readonly cluster?: string;
}

/**
 * Claims of one resource, by the first label of their nodes and its value: different values are different
 * nodes.
 */
type Claims = Map<string, Map<string, Claim[]>>;

/** Claims by app and by resource. */
const claims = new WeakMap<Construct, Map<string, Claims>>();

/**
 * Claims a resource that each node has only once, such as a host port or a Pushgateway group. Two workloads
 * may claim the same resource if their nodes are disjoint or belong to different clusters.
 * @throws InvalidOptionError that names both workloads if they can run on the same node.
 */
export function claimOnNodes(
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
  const rival = claimsToCompare(held, claim).find((other) => canOverlap(other, claim));
  if (rival)
    throw invalid(owner, `${what} is already used on the same nodes by ${rival.owner.node.path}: ${remedy}`);
  const [key, value] = firstLabel(claim);
  const byValue = held.get(key) ?? new Map<string, Claim[]>();
  held.set(key, byValue.set(value, [...(byValue.get(value) ?? []), claim]));
}

/**
 * Returns the claims to compare with; with many groups, only those that the first label does not already
 * distinguish.
 */
function claimsToCompare(held: Claims, claim: Claim): Claim[] {
  const [key, value] = firstLabel(claim);
  return [...held].flatMap(([other, byValue]) =>
    other === key ? (byValue.get(value) ?? []) : [...byValue.values()].flat(),
  );
}

const firstLabel = ({ nodeSelector = {} }: NodeSet): [string, string] =>
  Object.entries(nodeSelector).sort(([one], [other]) => (one < other ? -1 : 1))[0] ?? ['', ''];

function canOverlap(one: Claim, other: Claim): boolean {
  const isElsewhere =
    one.cluster !== undefined && other.cluster !== undefined && one.cluster !== other.cluster;
  return !isElsewhere && areCompatible(one, other) && areCompatible(other, one);
}

/** Whether a node of the first set can match the second one's requirements and exclusions. */
function areCompatible({ nodeSelector = {} }: NodeSet, other: NodeSet): boolean {
  return Object.entries(nodeSelector).every(
    ([key, value]) =>
      (other.nodeSelector?.[key] ?? value) === value && !other.excludedNodes?.[key]?.includes(value),
  );
}

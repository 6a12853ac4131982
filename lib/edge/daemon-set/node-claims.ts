import type { Construct } from 'constructs';
import { Platform } from '../../core/platform';
import { invalid } from '../../core/validation';

/** The nodes that a workload runs on, by their labels. */
export interface NodeSet {
  /** Labels that each carries. @default - none */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Labels with values that none carries. @default - none */
  readonly excludedNodes?: Readonly<Record<string, readonly string[]>>;
}

/** What one workload holds of the nodes that it runs on. */
interface Claim extends NodeSet {
  readonly owner: Construct;
  /** The cluster of the nodes. @default - not said: they may be of any */
  readonly cluster?: string;
}

/** Claims of one thing: by the first label of their nodes and its value, since other values are other nodes. */
type Claims = Map<string, Map<string, Claim[]>>;

/** Claims by app and by what is claimed. */
const claims = new WeakMap<Construct, Map<string, Claims>>();

/**
 * Claims something of which a node has only one: a host port, a group in Pushgateway. Two workloads
 * may claim the same where their nodes exclude each other, or are of other clusters.
 *
 * @throws InvalidOptionError that names both workloads when they can meet on a node.
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
  const rival = candidates(held, claim).find((other) => canMeet(other, claim));
  if (rival)
    throw invalid(owner, `${what} is taken on the same nodes by ${rival.owner.node.path}: ${remedy}`);
  const [key, value] = firstLabel(claim);
  const byValue = held.get(key) ?? new Map<string, Claim[]>();
  held.set(key, byValue.set(value, [...(byValue.get(value) ?? []), claim]));
}

/** Of a thousand groups, only those that are not told apart by the first label already. */
function candidates(held: Claims, claim: Claim): Claim[] {
  const [key, value] = firstLabel(claim);
  return [...held].flatMap(([other, byValue]) =>
    other === key ? (byValue.get(value) ?? []) : [...byValue.values()].flat(),
  );
}

const firstLabel = ({ nodeSelector = {} }: NodeSet): [string, string] =>
  Object.entries(nodeSelector).sort(([one], [other]) => (one < other ? -1 : 1))[0] ?? ['', ''];

function canMeet(one: Claim, other: Claim): boolean {
  const isElsewhere =
    one.cluster !== undefined && other.cluster !== undefined && one.cluster !== other.cluster;
  return !isElsewhere && overlap(one, other) && overlap(other, one);
}

/** Whether a node can be of the first, as far as the second says what it must and must not carry. */
function overlap({ nodeSelector = {} }: NodeSet, other: NodeSet): boolean {
  return Object.entries(nodeSelector).every(
    ([key, value]) =>
      (other.nodeSelector?.[key] ?? value) === value && !other.excludedNodes?.[key]?.includes(value),
  );
}

import type { Construct } from 'constructs';
import { invalid } from '../core/validation';

/** What one workload holds of the nodes that it runs on. */
interface Claim {
  readonly owner: Construct;
  readonly nodeSelector: Readonly<Record<string, string>>;
}

/** Claims by app and by what is claimed. */
const claims = new WeakMap<Construct, Map<string, Claim[]>>();

/**
 * Claims something of which a node has only one: a host port, a group in Pushgateway. Two workloads
 * may claim the same where their node selectors exclude each other.
 *
 * @throws InvalidOptionError that names both workloads when they can meet on a node.
 */
export function claimOnNodes(
  owner: Construct,
  what: string,
  nodeSelector: Readonly<Record<string, string>>,
  remedy: string,
): void {
  const all = claims.get(owner.node.root as Construct) ?? new Map<string, Claim[]>();
  const held = all.get(what) ?? [];
  const rival = held.find((claim) => overlap(claim.nodeSelector, nodeSelector));
  if (rival)
    throw invalid(owner, `${what} is taken on the same nodes by ${rival.owner.node.path}: ${remedy}`);
  claims.set(owner.node.root as Construct, all.set(what, [...held, { owner, nodeSelector }]));
}

/** Whether a node can carry both sets of labels. */
function overlap(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  return Object.entries(one).every(([key, value]) => (other[key] ?? value) === value);
}

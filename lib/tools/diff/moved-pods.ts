import { selects } from '../synthesis/edge-nodes';
import type { ObjectChange } from './compare';

/** A node of the cluster. */
export interface LabelledNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Adds to each DaemonSet with a changed placement a warning with the nodes on which its pods start and stop.
 */
export const withMovedPods = (
  changes: readonly ObjectChange[],
  nodes: readonly LabelledNode[],
): ObjectChange[] =>
  changes.map((change) => ({ ...change, warnings: [...change.warnings, ...movedPods(change, nodes)] }));

function movedPods({ object, before, kind }: ObjectChange, nodes: readonly LabelledNode[]): string[] {
  if (object.kind !== 'DaemonSet') return [];
  const selected = (manifest: unknown) =>
    manifest === undefined
      ? []
      : nodes.filter(({ labels }) => selects({ manifest }, labels)).map(({ name }) => name);
  const [old, now] = [selected(before), selected(kind === 'removed' ? undefined : object)];
  return [...sentence('starts a pod on', now, old), ...sentence('ends its pod on', old, now)];
}

function sentence(verb: string, nodes: readonly string[], others: readonly string[]): string[] {
  const names = nodes.filter((name) => !others.includes(name)).sort();
  return names.length
    ? [`${verb} ${names.length} ${names.length === 1 ? 'node' : 'nodes'}: ${names.join(', ')}`]
    : [];
}

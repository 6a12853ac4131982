import { isNodeSelectedByWorkload } from '../synthesis/edge-nodes';
import type { ObjectChange } from './compare';

/** A node of the cluster with its labels. */
export interface LabelledNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Returns the changes with additional warnings, which name the nodes on which a DaemonSet starts or stops pods. */
export const addPodStartAndStopWarnings = (
  changes: readonly ObjectChange[],
  nodes: readonly LabelledNode[],
): ObjectChange[] =>
  changes.map((change) => ({
    ...change,
    warnings: [...change.warnings, ...podStartAndStopWarnings(change, nodes)],
  }));

function podStartAndStopWarnings(
  { object, before, kind }: ObjectChange,
  nodes: readonly LabelledNode[],
): string[] {
  if (object.kind !== 'DaemonSet') return [];
  const namesOfSelectedNodes = (manifest: unknown) =>
    manifest === undefined
      ? []
      : nodes.filter(({ labels }) => isNodeSelectedByWorkload({ manifest }, labels)).map(({ name }) => name);
  const [old, now] = [
    namesOfSelectedNodes(before),
    namesOfSelectedNodes(kind === 'removed' ? undefined : object),
  ];
  return [
    ...formatNodeWarning('starts a pod on', now, old),
    ...formatNodeWarning('stops its pod on', old, now),
  ];
}

function formatNodeWarning(verb: string, nodes: readonly string[], others: readonly string[]): string[] {
  const names = nodes.filter((name) => !others.includes(name)).sort();
  return names.length
    ? [`${verb} ${names.length} ${names.length === 1 ? 'node' : 'nodes'}: ${names.join(', ')}`]
    : [];
}

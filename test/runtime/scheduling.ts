import type { Node } from './node';
import type { NodeRequirement, PodSpec } from './pod-spec';

/** Returns whether the labels of a node match the node selector and the required node affinity of a pod. */
export function allowsNode(
  pod: Pick<PodSpec, 'affinity' | 'nodeSelector'>,
  { labels }: Pick<Node, 'labels'>,
): boolean {
  const required = pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required?.nodeSelectorTerms ?? [{ matchExpressions: [] }];
  return (
    Object.entries(pod.nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
    terms.some(({ matchExpressions }) => matchExpressions.every((one) => matchesRequirement(one, labels)))
  );
}

function matchesRequirement(
  { key, operator, values = [] }: NodeRequirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const label = labels[key];
  switch (operator) {
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    default:
      throw new Error(
        `node affinity: the test runtime does not support the operator ${operator}: add it in test/runtime/scheduling.ts`,
      );
  }
}

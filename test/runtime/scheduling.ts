import type { Node } from './node';
import type { NodeRequirement, PodSpec } from './pod-spec';

/** Whether a node's labels allow a pod on it. */
export function fits(
  pod: Pick<PodSpec, 'affinity' | 'nodeSelector'>,
  { labels }: Pick<Node, 'labels'>,
): boolean {
  const required = pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms = required?.nodeSelectorTerms ?? [{ matchExpressions: [] }];
  return (
    Object.entries(pod.nodeSelector ?? {}).every(([key, value]) => labels[key] === value) &&
    terms.some(({ matchExpressions }) => matchExpressions.every((one) => holds(one, labels)))
  );
}

function holds(
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
      throw new Error(`node affinity: the test runtime does not know the operator ${operator}: teach it`);
  }
}

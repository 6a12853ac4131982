import type { k8s } from './k8s';
import { type Toleration, tolerations } from './kubernetes-rules';
import { labelRequirement, nodeFieldRequirement, nodeRequirement } from './node-requirements';
import { dnsLabel, labelKey, labels, listOf, wholeNumber } from './option-rules';
import { type OptionTable, optionsRule } from './option-table';
import { inCloud } from './placement';
import { each, entries, options, type RuleTable, required, some } from './structure-rules';

/** Scheduling constraints of cloud pods, in Kubernetes' format. */
export interface Scheduling {
  /** Labels that a node must have. @default - every cloud node */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints that the pods tolerate. @default - none */
  readonly tolerations?: readonly Toleration[];
  /**
   * Affinity in addition to the stack's own, which keeps pods on cloud nodes and replicas on different nodes.
   * @default - none
   */
  readonly affinity?: k8s.Affinity;
}

/** Scheduling constraints of Deployments and StatefulSets in the cloud. DaemonSets run on all cloud nodes. */
export interface CloudScheduling extends Scheduling {
  /**
   * Constraints of single workloads by name, such as `prometheus`. Each option replaces the option of the
   * same name above.
   * @default - all workloads use the options above
   */
  readonly workloads?: Readonly<Record<string, Scheduling>>;
}

const nodeTerm = options<k8s.NodeSelectorTerm>({
  matchExpressions: some(each(nodeRequirement)),
  matchFields: some(each(nodeFieldRequirement)),
});

const weight = required(wholeNumber(1, 100));

const nodeAffinity: RuleTable<k8s.NodeAffinity> = {
  requiredDuringSchedulingIgnoredDuringExecution: options<k8s.NodeSelector>({
    nodeSelectorTerms: required(some(each(nodeTerm))),
  }),
  preferredDuringSchedulingIgnoredDuringExecution: each(
    options<k8s.PreferredSchedulingTerm>({ weight, preference: required(nodeTerm) }),
  ),
};

const labelSelector = options<k8s.LabelSelector>({
  matchLabels: labels,
  matchExpressions: each(labelRequirement),
});

const podTerm = options<k8s.PodAffinityTerm>({
  labelSelector,
  namespaceSelector: labelSelector,
  namespaces: listOf(dnsLabel),
  topologyKey: required(labelKey),
});

const podAffinity: RuleTable<k8s.PodAffinity> = {
  requiredDuringSchedulingIgnoredDuringExecution: each(podTerm),
  preferredDuringSchedulingIgnoredDuringExecution: each(
    options<k8s.WeightedPodAffinityTerm>({ weight, podAffinityTerm: required(podTerm) }),
  ),
};

const affinityRule = options<k8s.Affinity>({
  nodeAffinity: options(nodeAffinity),
  podAffinity: options(podAffinity),
  podAntiAffinity: options<k8s.PodAntiAffinity>(podAffinity),
});

/** The scheduling options of a cloud workload. */
export const SCHEDULING = {
  nodeSelector: { rule: labels, default: undefined },
  tolerations: { rule: tolerations, default: undefined },
  affinity: { rule: affinityRule, default: undefined },
} satisfies OptionTable<Scheduling>;

/** The scheduling options of all cloud workloads. */
export const CLOUD_SCHEDULING = {
  ...SCHEDULING,
  workloads: { rule: entries(dnsLabel, optionsRule<Scheduling>(SCHEDULING)), default: {} },
} satisfies OptionTable<CloudScheduling>;

/** Rule for an option with scheduling constraints. */
export const schedulingRule = optionsRule<CloudScheduling>(CLOUD_SCHEDULING);

/** Returns the affinity of a cloud workload: for cloud nodes, with its own and the given terms. */
export function cloudAffinity({ affinity = {} }: Scheduling, own: k8s.Affinity = {}): k8s.Affinity {
  const { nodeAffinity, podAffinity } = affinity;
  const podAntiAffinity = joined(own.podAntiAffinity, affinity.podAntiAffinity);
  return {
    nodeAffinity: { ...nodeAffinity, ...withinCloud(nodeAffinity) },
    ...(podAffinity && { podAffinity }),
    ...(podAntiAffinity && { podAntiAffinity }),
  };
}

/** Adds the requirements of a cloud node to each alternative. */
function withinCloud(given: k8s.NodeAffinity = {}): k8s.NodeAffinity {
  const { nodeAffinity: cloud } = inCloud();
  const terms = given.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [{}];
  const [own] = cloud?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const nodeSelectorTerms = terms.map((term) => ({
    ...term,
    matchExpressions: [...(own?.matchExpressions ?? []), ...(term.matchExpressions ?? [])],
  }));
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
}

function joined(
  one: k8s.PodAntiAffinity | undefined,
  other: k8s.PodAntiAffinity | undefined,
): k8s.PodAntiAffinity | undefined {
  if (!one || !other) return one ?? other;
  return {
    ...other,
    preferredDuringSchedulingIgnoredDuringExecution: [
      ...(one.preferredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(other.preferredDuringSchedulingIgnoredDuringExecution ?? []),
    ],
  };
}

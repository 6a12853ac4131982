import type { k8s } from './k8s';
import { type Toleration, tolerations } from './kubernetes-rules';
import { labelRequirement, nodeFieldRequirement, nodeRequirement } from './node-requirements';
import { dnsLabel, labelKey, labels, listRuleWithSingleError, wholeNumberRule } from './option-rules';
import { type OptionTable, optionsRule } from './option-table';
import { cloudNodeAffinity } from './placement';
import {
  listRule,
  mapRule,
  markRuleAsRequired,
  nonEmptyListRule,
  objectRule,
  type RuleTable,
} from './structure-rules';

/** Scheduling constraints of cloud pods, in Kubernetes' format. */
export interface Scheduling {
  /** Labels that a node must have. @default - all cloud nodes */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints that the pods tolerate. An empty list has no effect. @default - no tolerations */
  readonly tolerations?: readonly Toleration[];
  /**
   * Affinity in addition to the affinity of the stack. The stack's own affinity requires cloud nodes, and prefers
   * different nodes for replicas.
   * @default - no additional affinity
   */
  readonly affinity?: k8s.Affinity;
}

/** Scheduling constraints of Deployments and StatefulSets in the cloud. DaemonSets run on all cloud nodes. */
export interface CloudScheduling extends Scheduling {
  /**
   * Overrides for single workloads, by the name of the workload, such as `prometheus`. If an option is set for a
   * workload and for all workloads, the value for the workload applies. An empty object or list counts as not set.
   * @default - all workloads use the same options
   */
  readonly workloads?: Readonly<Record<string, Scheduling>>;
}

const nodeTerm = objectRule<k8s.NodeSelectorTerm>({
  matchExpressions: nonEmptyListRule(listRule(nodeRequirement)),
  matchFields: nonEmptyListRule(listRule(nodeFieldRequirement)),
});

const weight = markRuleAsRequired(wholeNumberRule(1, 100));

const nodeAffinity: RuleTable<k8s.NodeAffinity> = {
  requiredDuringSchedulingIgnoredDuringExecution: objectRule<k8s.NodeSelector>({
    nodeSelectorTerms: markRuleAsRequired(nonEmptyListRule(listRule(nodeTerm))),
  }),
  preferredDuringSchedulingIgnoredDuringExecution: listRule(
    objectRule<k8s.PreferredSchedulingTerm>({ weight, preference: markRuleAsRequired(nodeTerm) }),
  ),
};

const labelSelector = objectRule<k8s.LabelSelector>({
  matchLabels: labels,
  matchExpressions: listRule(labelRequirement),
});

const podTerm = objectRule<k8s.PodAffinityTerm>({
  labelSelector,
  namespaceSelector: labelSelector,
  namespaces: listRuleWithSingleError(dnsLabel),
  topologyKey: markRuleAsRequired(labelKey),
});

const podAffinity: RuleTable<k8s.PodAffinity> = {
  requiredDuringSchedulingIgnoredDuringExecution: listRule(podTerm),
  preferredDuringSchedulingIgnoredDuringExecution: listRule(
    objectRule<k8s.WeightedPodAffinityTerm>({ weight, podAffinityTerm: markRuleAsRequired(podTerm) }),
  ),
};

const affinityRule = objectRule<k8s.Affinity>({
  nodeAffinity: objectRule(nodeAffinity),
  podAffinity: objectRule(podAffinity),
  podAntiAffinity: objectRule<k8s.PodAntiAffinity>(podAffinity),
});

/** Validation rules of the options of `Scheduling`. */
export const SCHEDULING = {
  nodeSelector: { rule: labels, default: undefined },
  tolerations: { rule: tolerations, default: undefined },
  affinity: { rule: affinityRule, default: undefined },
} satisfies OptionTable<Scheduling>;

/** Validation rules of the options of `CloudScheduling`. */
export const CLOUD_SCHEDULING = {
  ...SCHEDULING,
  workloads: { rule: mapRule(dnsLabel, optionsRule<Scheduling>(SCHEDULING)), default: {} },
} satisfies OptionTable<CloudScheduling>;

/** Validation rule for an option of type `CloudScheduling`. */
export const schedulingRule = optionsRule<CloudScheduling>(CLOUD_SCHEDULING);

/**
 * Returns the affinity of a cloud workload: a requirement for cloud nodes, the workload's own anti-affinity, and
 * the affinity in the settings.
 * @param own affinity of the workload; only `podAntiAffinity` is used
 */
export function mergeAffinityOfCloudWorkload(
  { affinity = {} }: Scheduling,
  own: k8s.Affinity = {},
): k8s.Affinity {
  const { nodeAffinity, podAffinity } = affinity;
  const podAntiAffinity = mergePodAntiAffinity(own.podAntiAffinity, affinity.podAntiAffinity);
  return {
    nodeAffinity: { ...nodeAffinity, ...restrictNodeAffinityToCloudNodes(nodeAffinity) },
    ...(podAffinity && { podAffinity }),
    ...(podAntiAffinity && { podAntiAffinity }),
  };
}

/**
 * Returns the required part of a node affinity, with the requirements for cloud nodes added to each alternative.
 * The preferred part is left out.
 */
function restrictNodeAffinityToCloudNodes(given: k8s.NodeAffinity = {}): k8s.NodeAffinity {
  const { nodeAffinity: cloud } = cloudNodeAffinity();
  const terms = given.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [{}];
  const [own] = cloud?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const nodeSelectorTerms = terms.map((term) => ({
    ...term,
    matchExpressions: [...(own?.matchExpressions ?? []), ...(term.matchExpressions ?? [])],
  }));
  return { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
}

function mergePodAntiAffinity(
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

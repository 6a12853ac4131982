import { Lazy } from 'cdk8s';
import { namespaceOptionEntry } from '../../core/cloud-rules';
import { container, volumes } from '../../core/container-rules';
import { tolerations, userId } from '../../core/kubernetes-rules';
import { nodeRequirement } from '../../core/node-requirements';
import {
  dnsLabel,
  labelKey,
  labels,
  labelValue,
  listRuleWithSingleError,
  oneOfRule,
  yesOrNo,
} from '../../core/option-rules';
import type { Options, OptionTable } from '../../core/option-table';
import { EDGE_TOLERATION } from '../../core/placement';
import type { ContainerSpec } from '../../core/pods';
import { listRule, mapRule, text } from '../../core/structure-rules';
import type { Rule } from '../../core/validation';
import { deviceRule } from './device';
import type { EdgeDaemonSetProps, EdgePodOptions } from './edge-daemon-set';

const updateStrategy: Rule = {
  allowed: `${oneOfRule('OnDelete').allowed} or a percentage from "1%" to "100%"`,
  accepts: (value) => value === 'OnDelete' || (typeof value === 'string' && /^([1-9]\d?|100)%$/.test(value)),
};

/** Validation rules and defaults of `EdgePodOptions`. */
export const EDGE_POD_OPTIONS = {
  namespace: namespaceOptionEntry('edge'),
  nodeSelector: { rule: labels, default: undefined },
  excludedNodes: { rule: mapRule(labelKey, listRuleWithSingleError(labelValue)), default: undefined },
  tolerations: { rule: tolerations, default: [EDGE_TOLERATION] },
  priorityClassName: { rule: dnsLabel, default: 'system-node-critical' },
  updateStrategy: { rule: updateStrategy, default: 'OnDelete' },
  device: { rule: deviceRule, default: undefined },
} satisfies OptionTable<EdgePodOptions>;

/** Returns the options of a construct that are in `EdgePodOptions`, without all other options. */
export const pickPodOptions = (props: EdgePodOptions): EdgePodOptions => ({
  namespace: props.namespace,
  nodeSelector: props.nodeSelector,
  excludedNodes: props.excludedNodes,
  tolerations: props.tolerations,
  priorityClassName: props.priorityClassName,
  updateStrategy: props.updateStrategy,
  device: props.device,
});

const annotationText: Rule = {
  allowed: 'a text',
  accepts: (value) => typeof value === 'string' || value instanceof Lazy,
};

/** Validation rules and defaults of `EdgeDaemonSetProps`. */
export const DAEMON_SET_OPTIONS = {
  ...EDGE_POD_OPTIONS,
  name: { rule: dnsLabel },
  version: { rule: text, default: undefined },
  labels: { rule: labels, default: undefined },
  // A checksum annotation is a Lazy value, which is computed at the end of the synthesis.
  podAnnotations: { rule: mapRule(labelKey, annotationText), default: undefined },
  containers: { rule: listRule(container) },
  initContainers: { rule: listRule(container), default: [] },
  volumes: { rule: volumes, default: [] },
  hostNetwork: { rule: yesOrNo, default: false },
  hostPid: { rule: yesOrNo, default: false },
  shareProcesses: { rule: yesOrNo, default: false },
  uid: { rule: userId, default: undefined },
  nodeAlternatives: { rule: listRule(listRule(nodeRequirement)), default: undefined },
} satisfies OptionTable<EdgeDaemonSetProps>;

/** Options of an `EdgeDaemonSet` after all defaults have been applied. */
export type DaemonSetOptions = Options<EdgeDaemonSetProps, typeof DAEMON_SET_OPTIONS>;

/**
 * Returns an error message if two containers have the same name or if a container mounts an unknown volume. Returns
 * `undefined` if the pod is valid.
 */
export function problemOfContainerNamesAndVolumes({
  containers,
  initContainers,
  volumes: given,
}: DaemonSetOptions): string | undefined {
  const all: readonly ContainerSpec[] = [...initContainers, ...containers];
  const names = all.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice)
    return `two containers have the name "${twice}": rename one of them, or set containerName to another name`;
  const known = new Set(given.map(({ name }) => name));
  const mounted = all.flatMap(({ volumeMounts: mounts = [] }) => mounts.map(({ name }) => name));
  const missing = mounted.find((name) => !known.has(name));
  return (
    missing &&
    `volumeMounts has the unknown volume "${missing}"; allowed: ${[...known].join(', ') || 'none, because the pod has no volumes'}`
  );
}

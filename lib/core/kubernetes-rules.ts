import { posix } from 'node:path';
import {
  absolutePath,
  cpu,
  dnsLabel,
  labelKey,
  labelValue,
  oneOfRule,
  quantity,
  wholeNumberRule,
} from './option-rules';
import { type OptionTable, optionsRule } from './option-table';
import type { Resources } from './pods';
import { combineRulesWithAnd, listRule, text } from './structure-rules';
import { toBytes } from './units';
import type { Rule } from './validation';

/**
 * Validation rule for the path of a folder on a node. An agent reads all files in this folder. The root folder and the
 * folders of the kernel and the system are not allowed.
 */
export const dataFolder: Rule = {
  allowed: `${absolutePath.allowed}; not "/", and not below /boot, /dev, /etc, /proc, /root, /run or /sys`,
  accepts: (value) =>
    absolutePath.accepts(value) &&
    !/^\/((boot|dev|etc|proc|root|run|sys)(\/|$)|$)/.test(posix.normalize(String(value))),
};

/**
 * Validation rule for the path of a folder on a node with text files for node_exporter's textfile collector. Local
 * services write these files. Allows the same paths as `dataFolder`, and paths below `/run`.
 */
export const textfileFolder: Rule = {
  allowed: `${absolutePath.allowed}; not "/" or "/run", and not below /boot, /dev, /etc, /proc, /root or /sys`,
  accepts: (value) =>
    dataFolder.accepts(value) ||
    (absolutePath.accepts(value) && /^\/run\/[^/]/.test(posix.normalize(String(value)))),
};

/** A toleration of a pod, in Kubernetes' format: pods with the toleration can run on nodes with the taint. */
export interface Toleration {
  /** Key of the taint, such as `pool`. @default - the toleration matches all keys, which requires the operator `Exists` */
  readonly key?: string;
  /**
   * `Equal` tolerates taints with the given key and value. `Exists` tolerates taints with the given key and any value,
   * or all taints if no key is given. @default "Equal"
   */
  readonly operator?: 'Exists' | 'Equal';
  /** Value of the taint. Not allowed with the operator `Exists`. @default - the empty value */
  readonly value?: string;
  /** Effect of the taint. @default - all effects */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /**
   * Time in seconds that a running pod stays on a node after the node gets the taint. Only allowed with the effect
   * `NoExecute`.
   * @default - the pod stays
   */
  readonly tolerationSeconds?: number;
}

/** Validation rules of the fields of `Toleration`. */
export const TOLERATION = {
  key: { rule: labelKey, default: undefined },
  operator: { rule: oneOfRule('Exists', 'Equal'), default: 'Equal' },
  value: {
    rule: { ...labelValue, accepts: (value) => value === '' || labelValue.accepts(value) },
    default: undefined,
  },
  effect: { rule: oneOfRule('NoSchedule', 'PreferNoSchedule', 'NoExecute'), default: undefined },
  tolerationSeconds: { rule: wholeNumberRule(0, Number.MAX_SAFE_INTEGER), default: undefined },
} satisfies OptionTable<Toleration>;

/** Validation rule for a toleration, with the conditions that the API server checks. */
export const toleration: Rule = combineRulesWithAnd(optionsRule<Toleration>(TOLERATION), {
  allowed:
    'a toleration: "key" is required unless the operator is "Exists", "value" is not allowed with the operator "Exists", and "tolerationSeconds" is only allowed with the effect "NoExecute"',
  accepts: (value) => {
    const { key, operator, value: held, effect, tolerationSeconds } = value as Toleration;
    return (
      (key !== undefined || operator === 'Exists') &&
      (operator !== 'Exists' || !held) &&
      (tolerationSeconds === undefined || effect === 'NoExecute')
    );
  },
});

/** Validation rule for a list of tolerations. */
export const tolerations = listRule(toleration);

/** Validation rules of the options of `Resources`. */
export const RESOURCES = {
  cpu: { rule: cpu },
  memory: { rule: quantity },
  memoryLimit: { rule: quantity, derive: ({ memory }) => memory },
} satisfies OptionTable<Resources>;

/** Validation rule for an option of type `Resources`. */
export const resources: Rule = combineRulesWithAnd(optionsRule<Resources>(RESOURCES), {
  allowed: 'a value of "memoryLimit" that is at least the value of "memory"',
  accepts: (value) => {
    const { memory, memoryLimit = memory } = value as Resources;
    return toBytes(memoryLimit) >= toBytes(memory);
  },
});

/** Validation rule for a list of texts, such as the arguments of a command. */
export const texts = listRule(text);

/** Validation rule for a Linux user or group ID. */
export const userId = wholeNumberRule(0, 2 ** 31 - 1);

/**
 * Namespaces of Kubernetes and KubeEdge. Workloads in these namespaces would break under the NetworkPolicies and Pod
 * Security levels of this stack.
 */
const SYSTEM_NAMESPACES = /^(kube-.*|default|kubeedge)$/;

/** Validation rule for a namespace in which this stack may set NetworkPolicies and the Pod Security level. */
export const ownNamespace: Rule = {
  allowed: `${dnsLabel.allowed}; not "default", "kubeedge" or names that start with "kube-"`,
  accepts: (value) => dnsLabel.accepts(value) && !SYSTEM_NAMESPACES.test(String(value)),
};

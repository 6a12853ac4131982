import { posix } from 'node:path';
import type { k8s } from './k8s';
import {
  absolutePath,
  cpu,
  dnsLabel,
  labelKey,
  labelValue,
  oneOf,
  quantity,
  wholeNumber,
} from './option-rules';
import { type OptionTable, optionsRule } from './option-table';
import type { Resources } from './pods';
import { allOf, eachMember, text } from './structure-rules';
import { bytes } from './units';
import type { Rule } from './validation';

/**
 * Rule for a node's folder that an agent may read entirely: not the root, nor a folder that the kernel or the
 * system reserves.
 */
export const dataFolder: Rule = {
  allowed: `${absolutePath.allowed}; not "/", and not below /boot, /dev, /etc, /proc, /root, /run or /sys`,
  accepts: (value) =>
    absolutePath.accepts(value) &&
    !/^\/((boot|dev|etc|proc|root|run|sys)(\/|$)|$)/.test(posix.normalize(String(value))),
};

/**
 * Rule for a folder of a node in which local services write text files for node_exporter's textfile
 * collector.
 */
export const textfileFolder: Rule = {
  allowed: `${absolutePath.allowed}; not "/", and not below /boot, /dev, /etc, /proc, /root or /sys`,
  accepts: (value) =>
    dataFolder.accepts(value) ||
    (absolutePath.accepts(value) && /^\/run\/[^/]/.test(posix.normalize(String(value)))),
};

/** A toleration of pods, in Kubernetes' format with literal types. */
export interface Toleration extends k8s.Toleration {
  /** Effect of the taint. @default - every effect */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** Whether the taint's value must be equal, or only its key must exist. @default "Equal" */
  readonly operator?: 'Exists' | 'Equal';
}

/** The fields of a toleration. */
export const TOLERATION = {
  key: { rule: labelKey, default: undefined },
  operator: { rule: oneOf('Exists', 'Equal'), default: 'Equal' },
  value: {
    rule: { ...labelValue, accepts: (value) => value === '' || labelValue.accepts(value) },
    default: undefined,
  },
  effect: { rule: oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute'), default: undefined },
  tolerationSeconds: { rule: wholeNumber(0, Number.MAX_SAFE_INTEGER), default: undefined },
} satisfies OptionTable<Toleration>;

/** Rule for a toleration, as the API server validates it. */
export const toleration: Rule = allOf(optionsRule<Toleration>(TOLERATION), {
  allowed:
    'a toleration: without key only with operator "Exists", without value for "Exists", and with ' +
    'tolerationSeconds only for effect "NoExecute"',
  accepts: (value) => {
    const { key, operator, value: held, effect, tolerationSeconds } = value as Toleration;
    return (
      (key !== undefined || operator === 'Exists') &&
      (operator !== 'Exists' || !held) &&
      (tolerationSeconds === undefined || effect === 'NoExecute')
    );
  },
});

/** Rule for a list of tolerations. */
export const tolerations = eachMember(toleration);

/** The options of a container's resources. */
export const RESOURCES = {
  cpu: { rule: cpu },
  memory: { rule: quantity },
  memoryLimit: { rule: quantity, derive: ({ memory }) => memory },
} satisfies OptionTable<Resources>;

/** Rule for an option with a container's resources. */
export const resources: Rule = allOf(optionsRule<Resources>(RESOURCES), {
  allowed: 'a memoryLimit that is at least memory',
  accepts: (value) => {
    const { memory, memoryLimit = memory } = value as Resources;
    return bytes(memoryLimit) >= bytes(memory);
  },
});

/** Rule for a list of arguments, or for a command. */
export const texts = eachMember(text);

/** Rule for a Linux user or group ID. */
export const userId = wholeNumber(0, 2 ** 31 - 1);

/**
 * Namespaces of Kubernetes and KubeEdge, whose workloads would break under the policies that this stack
 * enforces.
 */
const SYSTEM_NAMESPACES = /^(kube-.*|default|kubeedge)$/;

/** Rule for a namespace whose Pod Security level and NetworkPolicies this stack may set. */
export const ownNamespace: Rule = {
  allowed: `${dnsLabel.allowed}; not "default", "kubeedge" or names that start with "kube-"`,
  accepts: (value) => dnsLabel.accepts(value) && !SYSTEM_NAMESPACES.test(String(value)),
};

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
import { also, each, text } from './structure-rules';
import { bytes } from './units';
import type { Rule } from './validation';

/** A folder of a node that an agent may read as a whole: not the root, nor what the kernel or the system keeps to itself. */
export const dataFolder: Rule = {
  allowed: `${absolutePath.allowed}; not "/", and nothing below /boot, /dev, /etc, /proc, /root, /run or /sys`,
  accepts: (value) =>
    absolutePath.accepts(value) &&
    !/^\/((boot|dev|etc|proc|root|run|sys)(\/|$)|$)/.test(posix.normalize(String(value))),
};

/** A folder of a node in which services of the node write text files for node_exporter. */
export const textfileFolder: Rule = {
  allowed: `${absolutePath.allowed}; not "/", and nothing below /boot, /dev, /etc, /proc, /root or /sys`,
  accepts: (value) =>
    dataFolder.accepts(value) ||
    (absolutePath.accepts(value) && /^\/run\/[^/]/.test(posix.normalize(String(value)))),
};

/** A taint that pods tolerate, in the format of Kubernetes with its words as types. */
export interface Toleration extends k8s.Toleration {
  /** The effect of the taint. @default - every effect */
  readonly effect?: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  /** Whether a taint of this key and value is tolerated, or every one of the key. @default "Equal" */
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

/** A taint that pods tolerate, as the API server takes it. */
export const toleration: Rule = also(optionsRule<Toleration>(TOLERATION), {
  allowed:
    'a toleration with operator "Exists" where it has no key, without value where that is "Exists", and with ' +
    'tolerationSeconds only beside effect "NoExecute"',
  accepts: (value) => {
    const { key, operator, value: held, effect, tolerationSeconds } = value as Toleration;
    return (
      (key !== undefined || operator === 'Exists') &&
      (operator !== 'Exists' || !held) &&
      (tolerationSeconds === undefined || effect === 'NoExecute')
    );
  },
});

/** Taints that pods tolerate. */
export const tolerations = each(toleration);

/** What a container asks for. */
export const RESOURCES = {
  cpu: { rule: cpu },
  memory: { rule: quantity },
  memoryLimit: { rule: quantity, derive: ({ memory }) => memory },
} satisfies OptionTable<Resources>;

/** The same as one option. */
export const resources: Rule = also(optionsRule<Resources>(RESOURCES), {
  allowed: 'a memoryLimit that is at least memory',
  accepts: (value) => {
    const { memory, memoryLimit = memory } = value as Resources;
    return bytes(memoryLimit) >= bytes(memory);
  },
});

/** Arguments, or a command: each member is one, whatever is in it. */
export const texts = each(text);

/** The number of a user or a group of Linux. */
export const userId = wholeNumber(0, 2 ** 31 - 1);

/** Namespaces of Kubernetes itself and of KubeEdge: what this stack enforces there would stop what runs in them. */
const SYSTEM_NAMESPACES = /^(kube-.*|default|kubeedge)$/;

/** A namespace whose Pod Security and NetworkPolicies this stack may set. */
export const ownNamespace: Rule = {
  allowed: `${dnsLabel.allowed}; none of the cluster's own: "default", "kubeedge", and those that begin with "kube-"`,
  accepts: (value) => dnsLabel.accepts(value) && !SYSTEM_NAMESPACES.test(String(value)),
};

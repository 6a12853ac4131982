import type { PrivateCa } from '../contracts/endpoint';
import { commonAnnotations, commonLabels } from './common-metadata';
import { type CloudNodes, cloudNodesRule } from './host';
import { imageOptions } from './image-rules';
import type { ImageOptions } from './images';
import { ownNamespace } from './kubernetes-rules';
import { kubernetesVersion } from './kubernetes-version';
import {
  cidr,
  configMapKey,
  distinctListRuleWithSingleError,
  interval,
  labelValue,
  nonEmptyListRuleWithSingleError,
  objectName,
  storeKind,
  storePrefix,
  yesOrNo,
} from './option-rules';
import { type OptionTable, optionsRule, withFixedDefaults } from './option-table';
import { type CloudScheduling, schedulingRule } from './scheduling';
import type { Duration } from './units';

/** The namespaces of the stack. Each has a Pod Security level. */
export interface Namespaces {
  /** Namespace of the cloud components, with the Pod Security level `restricted`. @default "monitoring" */
  readonly cloud: string;
  /**
   * Namespace of agents on cloud nodes, with the Pod Security level `privileged`, because agents access the
   * host.
   * @default "monitoring-nodes"
   */
  readonly nodes: string;
  /** Namespace of agents on edge nodes, with the Pod Security level `privileged`. @default "monitoring-edge" */
  readonly edge: string;
}

/**
 * The External Secrets store with user names and passwords. The store has an entry for each public host and, if each
 * node group has its own user, an entry `<host>/<group>` for each group.
 */
export interface SecretStore {
  /** Name of the SecretStore or ClusterSecretStore. */
  readonly name: string;
  /**
   * Kind of the store. A `SecretStore` must exist in every namespace in which pods mount a Secret.
   * @default "ClusterSecretStore"
   */
  readonly kind?: 'SecretStore' | 'ClusterSecretStore';
  /**
   * Prefix of the keys in the store, such as "edge/": the key is the prefix followed by the host.
   * @default "" - no prefix
   */
  readonly prefix?: string;
  /** Interval at which External Secrets reads the store. @default "10m" */
  readonly refreshInterval?: Duration;
}

/** Properties for `Platform.define()`: the cluster that the manifests are for. */
export interface PlatformProps {
  /** Name of the cluster: value of the label `cluster` of every sample and log line. @default "default" */
  readonly cluster?: string;
  /**
   * Oldest Kubernetes version that must accept the manifests, from `1.22` to `1.36`. Newer versions also accept the
   * manifests.
   * @default "1.22" - the manifests only use fields of the oldest supported version
   */
  readonly kubernetesVersion?: `1.${number}`;
  /**
   * Namespaces of the stack's objects, for charts and constructs that set no namespace.
   * @default - `monitoring`, `monitoring-nodes`, `monitoring-edge`
   */
  readonly namespaces?: Partial<Namespaces>;
  /**
   * Whether the namespaces also contain pods that are not part of this stack. If true, NetworkPolicies only
   * select pods of this stack, and the Pod Security level `restricted` only warns and audits instead of being
   * enforced.
   * @default false
   */
  readonly sharedNamespaces?: boolean;
  /**
   * Options for images: mirror registries, overrides and digests.
   * @default - the public images of this release
   */
  readonly images?: ImageOptions;
  /**
   * Names of image pull Secrets (type `kubernetes.io/dockerconfigjson`) in the namespaces of the pods.
   * @default - no image pull Secrets
   */
  readonly imagePullSecrets?: readonly string[];
  /** Storage class of all volumes. @default - the cluster's default storage class */
  readonly storageClass?: string;
  /**
   * CIDR ranges of the nodes and of the API server. NetworkPolicies need them, because label selectors do not match
   * pods on the host network. If the list includes IPv6 ranges, the stack also uses IPv6.
   * @default - the private IPv4 networks
   */
  readonly nodeCidrs?: readonly string[];
  /**
   * Properties of the cloud nodes that differ from Debian with systemd. For edge nodes, see `edge.device`.
   * @default - Debian with systemd
   */
  readonly cloudNodes?: CloudNodes;
  /**
   * Private CA certificate that pods trust in addition to the public CA certificates. Every namespace with such pods
   * needs a ConfigMap with this certificate.
   * @default - only the public CA certificates
   */
  readonly privateCa?: PrivateCa;
  /**
   * External Secrets store from which the Secrets with users and passwords are created.
   * @default - you create the Secrets
   */
  readonly secretStore?: SecretStore;
  /** Whether objects have annotations with Argo CD sync waves. @default false */
  readonly syncWaves?: boolean;
  /** Scheduling constraints of Deployments and StatefulSets in the cloud. @default - all cloud nodes */
  readonly scheduling?: CloudScheduling;
  /**
   * Labels to add to all objects and pods, such as a cost center. A change restarts all pods.
   * @default - no additional labels
   */
  readonly commonLabels?: Readonly<Record<string, string>>;
  /**
   * Annotations to add to all objects and pods. A change restarts all pods.
   * @default - no additional annotations
   */
  readonly commonAnnotations?: Readonly<Record<string, string>>;
}

/** Validation rules of the options of `PrivateCa`. */
export const PRIVATE_CA = {
  configMapName: { rule: objectName },
  key: { rule: configMapKey },
} satisfies OptionTable<PrivateCa>;

/** Validation rule for an option of type `PrivateCa`. */
export const privateCaRule = optionsRule<PrivateCa>(PRIVATE_CA);

/** Validation rules of the options of `SecretStore`. */
export const SECRET_STORE = {
  name: { rule: objectName },
  kind: { rule: storeKind, default: 'ClusterSecretStore' },
  prefix: { rule: storePrefix, default: '' },
  refreshInterval: { rule: interval, default: '10m' },
} satisfies OptionTable<SecretStore>;

/** Validation rule for an option of type `SecretStore`. */
export const secretStoreRule = optionsRule<SecretStore>(SECRET_STORE);

/** Validation rules of the options of `Namespaces`. */
export const NAMESPACES = {
  cloud: { rule: ownNamespace, default: 'monitoring' },
  nodes: { rule: ownNamespace, default: 'monitoring-nodes' },
  edge: { rule: ownNamespace, default: 'monitoring-edge' },
} satisfies OptionTable<Partial<Namespaces>>;

/** Returns the names of all namespaces: for each, the given name or the default name. */
export const namespacesWithDefaults = (given: Partial<Namespaces> = {}): Namespaces =>
  withFixedDefaults<Partial<Namespaces>, typeof NAMESPACES>(NAMESPACES, given);

/** Validation rule for an option of type `Namespaces`. */
export const namespacesRule = optionsRule<Partial<Namespaces>>(NAMESPACES);

/** The private IPv4 networks, which contain the nodes of almost every cluster. */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** Validation rules of the options of `Platform`. */
export const PLATFORM_OPTIONS = {
  cluster: { rule: labelValue, default: 'default' },
  kubernetesVersion: { rule: kubernetesVersion, default: '1.22' },
  namespaces: { rule: namespacesRule, default: {} },
  sharedNamespaces: { rule: yesOrNo, default: false },
  images: { rule: imageOptions, default: {} },
  imagePullSecrets: { rule: distinctListRuleWithSingleError(objectName), default: [] },
  storageClass: { rule: objectName, default: undefined },
  nodeCidrs: { rule: nonEmptyListRuleWithSingleError(cidr), default: PRIVATE_NETWORKS },
  cloudNodes: { rule: cloudNodesRule, default: {} },
  privateCa: { rule: privateCaRule, default: undefined },
  secretStore: { rule: secretStoreRule, default: undefined },
  syncWaves: { rule: yesOrNo, default: false },
  scheduling: { rule: schedulingRule, default: {} },
  commonLabels: { rule: commonLabels, default: undefined },
  commonAnnotations: { rule: commonAnnotations, default: undefined },
} satisfies OptionTable<PlatformProps>;

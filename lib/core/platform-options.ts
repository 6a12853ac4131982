import type { PrivateCa } from '../contracts/endpoint';
import { commonAnnotations, commonLabels } from './common-metadata';
import { type CloudNodes, cloudNodesRule } from './host';
import { imageOptions } from './image-rules';
import type { ImageOptions } from './images';
import { ownNamespace } from './kubernetes-rules';
import {
  cidr,
  configMapKey,
  distinctOf,
  interval,
  kubernetesVersion,
  labelValue,
  objectName,
  someOf,
  storeKind,
  storePrefix,
  yesOrNo,
} from './option-rules';
import { type OptionTable, optionsRule, withDefaults } from './option-table';
import { type CloudScheduling, schedulingRule } from './scheduling';
import type { Duration } from './units';

/** The namespaces of the stack, by what their pods may do. */
export interface Namespaces {
  /** The cloud side; Pod Security level `restricted`. @default "monitoring" */
  readonly cloud: string;
  /** Agents of the cloud nodes, which need the host; level `privileged`. @default "monitoring-nodes" */
  readonly nodes: string;
  /** Agents of the edge nodes; level `privileged`. @default "monitoring-edge" */
  readonly edge: string;
}

/**
 * Where External Secrets finds users and passwords: a store with an entry for each public host and, where
 * groups push as users of their own, one below it for each group.
 */
export interface SecretStore {
  /** Name of the store's object. */
  readonly name: string;
  /** A SecretStore has to exist in every namespace that mounts a Secret. @default "ClusterSecretStore" */
  readonly kind?: 'SecretStore' | 'ClusterSecretStore';
  /** What stands before the host's name in the key of its entry, such as "edge/". @default "" */
  readonly prefix?: string;
  /** How often the store is asked. @default "10m" */
  readonly refreshInterval?: Duration;
}

/** Properties for `Platform.define`: the cluster that constructs are made for. */
export interface PlatformProps {
  /**
   * Name of the cluster: the label `cluster` of every sample and log line.
   * @default "default"
   */
  readonly cluster?: string;
  /**
   * Oldest API server that has to take the manifests, from `1.22` to `1.36`; newer ones do, too.
   * @default "1.22" - objects and collectors that the oldest supported version knows
   */
  readonly kubernetesVersion?: `1.${number}`;
  /**
   * Namespaces of charts that do not state one themselves.
   * @default - `monitoring`, `monitoring-nodes`, `monitoring-edge`
   */
  readonly namespaces?: Partial<Namespaces>;
  /**
   * Whether pods of others run in these namespaces. Then NetworkPolicies select only pods of this stack, and Pod Security
   * warns and audits in place of enforcing the level `restricted`.
   * @default false
   */
  readonly sharedNamespaces?: boolean;
  /** Mirror registry, and images of your own. @default - the public images of this release */
  readonly images?: ImageOptions;
  /**
   * Secrets of type `kubernetes.io/dockerconfigjson`, by which nodes log in to registries, in the pods' namespaces.
   * @default - none
   */
  readonly imagePullSecrets?: readonly string[];
  /**
   * Storage class of every volume.
   * @default - the cluster's default class
   */
  readonly storageClass?: string;
  /**
   * Addresses of the nodes and of the API server: what runs on the host's network is matched by
   * address in NetworkPolicies. With a range of IPv6 among them, the stack uses IPv6, too.
   * @default - the private IPv4 networks
   */
  readonly nodeCidrs?: readonly string[];
  /** The cloud nodes, where they differ from a Debian with systemd; those of the edge have a `device`. @default - they do not */
  readonly cloudNodes?: CloudNodes;
  /**
   * An authority that pods trust beside the public ones, in a ConfigMap of their namespace.
   * @default - only public authorities
   */
  readonly privateCa?: PrivateCa;
  /**
   * A store from which External Secrets makes the Secrets of users and their passwords.
   * @default - none: the Secrets are made otherwise
   */
  readonly secretStore?: SecretStore;
  /** Whether every object says in which of its waves Argo CD applies it. @default false */
  readonly syncWaves?: boolean;
  /** Nodes of the cloud that Deployments and StatefulSets run on. @default - every node of the cloud */
  readonly scheduling?: CloudScheduling;
  /** Labels of all objects and pods beside their own, such as a cost center. A change replaces all pods. @default - none */
  readonly commonLabels?: Readonly<Record<string, string>>;
  /** Annotations of all objects and pods beside their own. A change replaces all pods. @default - none */
  readonly commonAnnotations?: Readonly<Record<string, string>>;
}

/** An authority that signed certificates. */
export const PRIVATE_CA = {
  configMapName: { rule: objectName },
  key: { rule: configMapKey },
} satisfies OptionTable<PrivateCa>;

/** The same as one option. */
export const privateCaRule = optionsRule<PrivateCa>(PRIVATE_CA);

/** A store of External Secrets. */
export const SECRET_STORE = {
  name: { rule: objectName },
  kind: { rule: storeKind, default: 'ClusterSecretStore' },
  prefix: { rule: storePrefix, default: '' },
  refreshInterval: { rule: interval, default: '10m' },
} satisfies OptionTable<SecretStore>;

/** The same as one option. */
export const secretStoreRule = optionsRule<SecretStore>(SECRET_STORE);

/** Namespaces that this stack may make. */
export const NAMESPACES = {
  cloud: { rule: ownNamespace, default: 'monitoring' },
  nodes: { rule: ownNamespace, default: 'monitoring-nodes' },
  edge: { rule: ownNamespace, default: 'monitoring-edge' },
} satisfies OptionTable<Partial<Namespaces>>;

/** The namespaces, those that are not stated by their default names. */
export const namespacesOf = (given: Partial<Namespaces> = {}): Namespaces =>
  withDefaults<Partial<Namespaces>, typeof NAMESPACES>(NAMESPACES, given);

/** What namespaces may be. */
export const namespacesRule = optionsRule<Partial<Namespaces>>(NAMESPACES);

/** Private addresses, where the nodes of almost every cluster have theirs. */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** The options of `Platform`. */
export const PLATFORM_OPTIONS = {
  cluster: { rule: labelValue, default: 'default' },
  kubernetesVersion: { rule: kubernetesVersion, default: '1.22' },
  namespaces: { rule: namespacesRule, default: {} },
  sharedNamespaces: { rule: yesOrNo, default: false },
  images: { rule: imageOptions, default: {} },
  imagePullSecrets: { rule: distinctOf(objectName), default: [] },
  storageClass: { rule: objectName, default: undefined },
  nodeCidrs: { rule: someOf(cidr), default: PRIVATE_NETWORKS },
  cloudNodes: { rule: cloudNodesRule, default: {} },
  privateCa: { rule: privateCaRule, default: undefined },
  secretStore: { rule: secretStoreRule, default: undefined },
  syncWaves: { rule: yesOrNo, default: false },
  scheduling: { rule: schedulingRule, default: {} },
  commonLabels: { rule: commonLabels, default: undefined },
  commonAnnotations: { rule: commonAnnotations, default: undefined },
} satisfies OptionTable<PlatformProps>;

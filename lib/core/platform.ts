import { Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import type { PrivateCa } from '../contracts/endpoint';
import { type CloudNodes, cloudNodesRule } from './host';
import { IMAGE_LOCK, type ImageLock } from './image-lock';
import { imageOptions } from './image-rules';
import { type ImageName, type ImageOptions, type PulledImage, resolveImage } from './images';
import { ownNamespace } from './kubernetes-rules';
import {
  cidr,
  configMapKey,
  dnsLabel,
  interval,
  kubernetesVersion,
  labelValue,
  listOf,
  objectName,
  someOf,
  storeKind,
  storePrefix,
  yesOrNo,
} from './option-rules';
import { type OptionTable, options, required, verifyOptions } from './structure-rules';
import type { Duration } from './units';
import { verify } from './validation';

const CONTEXT = 'cdk8s-edge-observability/platform';

/** Of apps whose charts define none. */
const defaults = new WeakMap<IConstruct, Platform>();

/** Private addresses, where the nodes of almost every cluster have theirs. */
const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** The namespaces of the stack, by what their pods may do. */
export interface Namespaces {
  /** The cloud side; Pod Security level `restricted`. @default "monitoring" */
  readonly cloud: string;
  /** Agents of the cloud nodes, which need the host; level `privileged`. @default "monitoring-nodes" */
  readonly nodes: string;
  /** Agents of the edge nodes; level `privileged`. @default "monitoring-edge" */
  readonly edge: string;
}

/** Namespaces where nothing else is stated. */
export const DEFAULT_NAMESPACES: Namespaces = {
  cloud: 'monitoring',
  nodes: 'monitoring-nodes',
  edge: 'monitoring-edge',
};

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

/** What constructs need to know of the cluster that they are made for. */
export interface PlatformProps {
  /**
   * Name of the cluster: the label `cluster` of every sample and log line.
   * @default "default"
   */
  readonly cluster?: string;
  /**
   * Version of the cloud cluster's API server, from `1.22` to `1.36`.
   * @default "1.22" - objects and collectors that the oldest supported version knows
   */
  readonly kubernetesVersion?: `1.${number}`;
  /**
   * Namespaces of charts that do not state one themselves.
   * @default - `monitoring`, `monitoring-nodes`, `monitoring-edge`
   */
  readonly namespaces?: Partial<Namespaces>;
  /** @default - the public images of this release */
  readonly images?: ImageOptions;
  /**
   * Secrets of type `kubernetes.io/dockerconfigjson` in the pods' namespaces.
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
  /** The cloud nodes, where they differ from a Debian with systemd. @default - they do not */
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
}

/** An authority that signed certificates. */
export const privateCaRule = options<PrivateCa>({
  configMapName: required(objectName),
  key: required(configMapKey),
});

/** A store of External Secrets. */
export const secretStoreRule = options<SecretStore>({
  name: required(objectName),
  kind: storeKind,
  prefix: storePrefix,
  refreshInterval: interval,
});

/** Namespaces that this stack may make. */
export const namespacesRule = options<Partial<Namespaces>>({
  cloud: ownNamespace,
  nodes: ownNamespace,
  edge: ownNamespace,
});

const OPTIONS: OptionTable<PlatformProps> = {
  cluster: labelValue,
  kubernetesVersion,
  namespaces: namespacesRule,
  images: imageOptions,
  imagePullSecrets: listOf(objectName),
  storageClass: objectName,
  nodeCidrs: someOf(cidr),
  cloudNodes: cloudNodesRule,
  privateCa: privateCaRule,
  secretStore: secretStoreRule,
  syncWaves: yesOrNo,
};

/**
 * The cluster that constructs are made for. Charts define it once; constructs below look it up and
 * fall back to defaults, so that each is usable alone in any chart.
 */
export class Platform {
  /** The platform of the nearest scope that defined one, or the defaults. */
  static of(scope: Construct): Platform {
    return scope.node.tryGetContext(CONTEXT) ?? Platform.ofApp(scope.node.root);
  }

  private static ofApp(app: IConstruct): Platform {
    const platform = defaults.get(app) ?? new Platform({}, app.node.tryGetContext(IMAGE_LOCK));
    defaults.set(app, platform);
    return platform;
  }

  /** The images that constructs of an app asked their platforms for, and where each comes from. */
  static imagesOf(app: Construct): PulledImage[] {
    const platforms = new Set(app.node.findAll().map((construct) => Platform.of(construct)));
    return [...platforms].flatMap(({ pulled }) => [...pulled.values()]);
  }

  /** Name of the cluster that a scope is made for; undefined where no scope around it defined a platform. */
  static clusterOf(scope: Construct): string | undefined {
    const platform: Platform | undefined = scope.node.tryGetContext(CONTEXT);
    return platform?.cluster;
  }

  /**
   * Defines the platform of everything below a scope. Call it before the scope has children.
   *
   * @throws InvalidOptionError when a value is not allowed.
   */
  static define(scope: Construct, props: PlatformProps): Platform {
    verifyOptions(scope, props, OPTIONS);
    const platform = new Platform(props, scope.node.tryGetContext(IMAGE_LOCK));
    scope.node.setContext(CONTEXT, platform);
    return platform;
  }

  /** Name of the cluster: the label `cluster` of every sample and log line. */
  readonly cluster: string;
  /** Minor version of the API server: 22 for 1.22. */
  readonly kubernetesMinor: number;
  /** In the form of a pod; nothing where there are none, as the API server would store it. */
  readonly imagePullSecrets?: { readonly name: string }[];
  /** Storage class of every volume; undefined for the cluster's default class. */
  readonly storageClass?: string;
  /** Addresses of the nodes and of the API server, for NetworkPolicies. */
  readonly nodeCidrs: readonly string[];
  /** Whether nodes have addresses of IPv6, as nodeCidrs says. */
  readonly hasIpv6: boolean;
  /** The cloud nodes, where they differ from a Debian with systemd. */
  readonly cloudNodes: CloudNodes;
  /** An authority that pods trust beside the public ones. */
  readonly privateCa?: PrivateCa;
  /** From which External Secrets makes the Secrets of users and their passwords. */
  readonly secretStore?: SecretStore;
  /** Whether every object says in which of its waves Argo CD applies it. */
  readonly syncWaves: boolean;
  readonly namespaces: Namespaces;
  private readonly imageOptions: ImageOptions;
  private readonly pulled = new Map<string, PulledImage>();

  private constructor(props: PlatformProps, lock?: ImageLock | null) {
    this.cluster = props.cluster ?? 'default';
    this.kubernetesMinor = Number((props.kubernetesVersion ?? '1.22').slice(2));
    const { imagePullSecrets = [] } = props;
    if (imagePullSecrets.length) this.imagePullSecrets = imagePullSecrets.map((name) => ({ name }));
    this.storageClass = props.storageClass;
    this.nodeCidrs = props.nodeCidrs ?? PRIVATE_NETWORKS;
    this.hasIpv6 = this.nodeCidrs.some((range) => range.includes(':'));
    this.cloudNodes = props.cloudNodes ?? {};
    this.privateCa = props.privateCa;
    this.secretStore = props.secretStore;
    this.syncWaves = props.syncWaves ?? false;
    this.imageOptions = { ...props.images, lock: props.images?.lock ?? lock ?? undefined };
    this.namespaces = { ...DEFAULT_NAMESPACES, ...props.namespaces };
  }

  /** The image to run, by its name in the stack or as a full reference. */
  image(nameOrReference: ImageName | (string & {})): string {
    const pulled = resolveImage(nameOrReference, this.imageOptions);
    this.pulled.set(pulled.image, pulled);
    return pulled.image;
  }

  /** The namespace of a construct: its own, the chart's, or the platform's for its kind of work. */
  namespaceOf(scope: Construct, kind: keyof Namespaces, own?: string): string {
    verify(scope, { namespace: [own, dnsLabel] });
    return own ?? Chart.of(scope).namespace ?? this.namespaces[kind];
  }
}

import { Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import type { PrivateCa } from '../contracts/endpoint';
import type { CommonMetadata } from './common-metadata';
import type { CloudNodes } from './host';
import { IMAGE_LOCK, type ImageLock } from './image-lock';
import { type ImageName, type ImageOptions, type PulledImage, resolveImage } from './images';
import { dnsLabel } from './option-rules';
import {
  mergeOptionsPreferringFirst,
  type Options,
  validateAndApplyDefaults,
  withFixedDefaults,
} from './option-table';
import {
  type Namespaces,
  namespacesWithDefaults,
  PLATFORM_OPTIONS,
  type PlatformProps,
  type SecretStore,
} from './platform-options';
import type { CloudScheduling, Scheduling } from './scheduling';
import { validateOptions } from './validation';

const CONTEXT_KEY = 'cdk8s-edge-observability/platform';

/** Platform options of an app in which no chart defines a platform. */
const NO_PROPS: PlatformProps = {};

/** The default platform of each app. */
const defaultPlatforms = new WeakMap<IConstruct, Platform>();

/**
 * The cluster that the manifests are for. A chart defines the platform once, and all constructs of the chart read
 * it. If no chart defines a platform, constructs use the defaults, so that you can use each construct on its own.
 */
export class Platform {
  /**
   * Returns the platform of the nearest scope that defines one. Returns the defaults if no scope defines a
   * platform.
   */
  static of(scope: Construct): Platform {
    return scope.node.tryGetContext(CONTEXT_KEY) ?? Platform.findOrCreateDefault(scope.node.root);
  }

  private static findOrCreateDefault(app: IConstruct): Platform {
    const platform =
      defaultPlatforms.get(app) ??
      new Platform(withFixedDefaults(PLATFORM_OPTIONS, NO_PROPS), app.node.tryGetContext(IMAGE_LOCK));
    defaultPlatforms.set(app, platform);
    return platform;
  }

  /** Returns the images that the constructs of an app use, with their references in the publishers' registries. */
  static imagesOf(app: Construct): PulledImage[] {
    const platforms = new Set(app.node.findAll().map((construct) => Platform.of(construct)));
    return [...platforms].flatMap(({ pulled }) => [...pulled.values()]);
  }

  /**
   * Returns the name of the cluster that a scope belongs to. Returns `undefined` if no enclosing scope defines
   * a platform.
   */
  static clusterOf(scope: Construct): string | undefined {
    const platform: Platform | undefined = scope.node.tryGetContext(CONTEXT_KEY);
    return platform?.cluster;
  }

  /**
   * Defines the platform of a scope and all constructs below it. Call this function before you add constructs.
   * @throws InvalidOptionError when an option is invalid.
   */
  static define(scope: Construct, props: PlatformProps): Platform {
    const platform = new Platform(
      validateAndApplyDefaults(scope, props, PLATFORM_OPTIONS),
      scope.node.tryGetContext(IMAGE_LOCK),
    );
    scope.node.setContext(CONTEXT_KEY, platform);
    scope.node.addValidation({ validate: () => platform.problemsOfMissingScheduledWorkloads() });
    return platform;
  }

  /** Name of the cluster: value of the label `cluster` of every sample and log line. */
  readonly cluster: string;
  /** Minor version of Kubernetes, such as 22 for 1.22. */
  readonly kubernetesMinor: number;
  /**
   * Image pull Secrets, in the format of the pod field `imagePullSecrets`. `undefined` if there are no such
   * Secrets: an empty list would appear in each diff, because the API server removes it.
   */
  readonly imagePullSecrets?: { readonly name: string }[];
  /** Storage class of all volumes. `undefined` means the cluster's default storage class. */
  readonly storageClass?: string;
  /** CIDR ranges of the nodes and of the API server, for NetworkPolicies. */
  readonly nodeCidrs: readonly string[];
  /** Whether `nodeCidrs` includes IPv6 ranges. */
  readonly hasIpv6: boolean;
  /** Properties of the cloud nodes that differ from Debian with systemd. */
  readonly cloudNodes: CloudNodes;
  /** Private CA certificate that pods trust in addition to the public CA certificates. */
  readonly privateCa?: PrivateCa;
  /** External Secrets store from which the Secrets with users and passwords are created. */
  readonly secretStore?: SecretStore;
  /** Whether objects have annotations with Argo CD sync waves. */
  readonly syncWaves: boolean;
  /** The namespaces of the stack. */
  readonly namespaces: Namespaces;
  /** Labels and annotations to add to all objects and pods. */
  readonly commonMetadata: CommonMetadata;
  /** Whether the namespaces also contain pods that are not part of this stack. */
  readonly sharedNamespaces: boolean;
  private readonly imageOptions: ImageOptions;
  private readonly scheduling: CloudScheduling;
  private readonly scheduled = new Set<string>();
  private readonly pulled = new Map<string, PulledImage>();

  private constructor(options: Options<PlatformProps, typeof PLATFORM_OPTIONS>, lock?: ImageLock | null) {
    this.cluster = options.cluster;
    this.kubernetesMinor = Number(options.kubernetesVersion.slice(2));
    const { imagePullSecrets, images } = options;
    if (imagePullSecrets.length) this.imagePullSecrets = imagePullSecrets.map((name) => ({ name }));
    this.storageClass = options.storageClass;
    this.nodeCidrs = options.nodeCidrs;
    this.hasIpv6 = this.nodeCidrs.some((range) => range.includes(':'));
    this.cloudNodes = options.cloudNodes;
    this.privateCa = options.privateCa;
    this.secretStore = options.secretStore;
    this.syncWaves = options.syncWaves;
    this.scheduling = options.scheduling;
    this.commonMetadata = {
      labels: undefinedIfEmpty(options.commonLabels),
      annotations: undefinedIfEmpty(options.commonAnnotations),
    };
    this.imageOptions = { ...images, lock: images.lock ?? lock ?? undefined };
    this.namespaces = namespacesWithDefaults(options.namespaces);
    this.sharedNamespaces = options.sharedNamespaces;
  }

  /**
   * Returns the full reference for the name of an image in `images`, or for any other reference, after overrides, the
   * lock and the mirror are applied. Records the image for `imagesOf`.
   * @throws InvalidOptionError as `resolveImage` does.
   */
  image(nameOrReference: ImageName | (string & {})): string {
    const pulled = resolveImage(nameOrReference, this.imageOptions);
    this.pulled.set(pulled.image, pulled);
    return pulled.image;
  }

  /**
   * Returns the scheduling constraints of a cloud workload, and records that the workload exists.
   * @param workload name of the workload
   */
  schedulingOf(workload: string): Scheduling {
    this.scheduled.add(workload);
    const { workloads = {}, ...all } = this.scheduling;
    return mergeOptionsPreferringFirst<Scheduling>(
      omitEmptySchedulingFields(workloads[workload]),
      omitEmptySchedulingFields(all),
    );
  }

  /**
   * Returns an error for each workload in `scheduling.workloads` that does not exist. Returns an empty list in
   * a chart without cloud workloads.
   */
  private problemsOfMissingScheduledWorkloads(): string[] {
    const names = [...this.scheduled].sort();
    const unknown = Object.keys(this.scheduling.workloads ?? {}).filter((name) => !this.scheduled.has(name));
    if (names.length === 0) return [];
    return unknown.map(
      (name) => `scheduling.workloads.${name}: this workload does not exist; allowed: ${names.join(', ')}`,
    );
  }

  /**
   * Returns the namespace of a construct: `own` if it is set, otherwise the namespace of the chart, otherwise the
   * platform's namespace for `kind` (`cloud`, `nodes` or `edge`).
   * @throws InvalidOptionError when `own` is not a DNS label.
   */
  namespaceOf(scope: Construct, kind: keyof Namespaces, own?: string): string {
    validateOptions(scope, { namespace: [own, dnsLabel] });
    return own ?? Chart.of(scope).namespace ?? this.namespaces[kind];
  }
}

/** Returns `undefined` for an empty object or list. Returns any other value unchanged. */
const undefinedIfEmpty = <T extends object>(value: T | undefined): T | undefined =>
  value && Object.keys(value).length > 0 ? value : undefined;

const omitEmptySchedulingFields = ({ nodeSelector, tolerations, affinity }: Scheduling = {}): Scheduling => ({
  nodeSelector: undefinedIfEmpty(nodeSelector),
  tolerations: undefinedIfEmpty(tolerations),
  affinity: undefinedIfEmpty(affinity),
});

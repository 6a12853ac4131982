import { Chart } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import type { PrivateCa } from '../contracts/endpoint';
import type { CommonMetadata } from './common-metadata';
import type { CloudNodes } from './host';
import { IMAGE_LOCK, type ImageLock } from './image-lock';
import { type ImageName, type ImageOptions, type PulledImage, resolveImage } from './images';
import { dnsLabel } from './option-rules';
import { layered, type Options, optionsOf, withDefaults } from './option-table';
import {
  type Namespaces,
  namespacesOf,
  PLATFORM_OPTIONS,
  type PlatformProps,
  type SecretStore,
} from './platform-options';
import type { CloudScheduling, Scheduling } from './scheduling';
import { verify } from './validation';

const CONTEXT = 'cdk8s-edge-observability/platform';

/** What an app says whose charts define none. */
const NO_PROPS: PlatformProps = {};

/** Of apps whose charts define none. */
const defaults = new WeakMap<IConstruct, Platform>();

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
    const platform =
      defaults.get(app) ??
      new Platform(withDefaults(PLATFORM_OPTIONS, NO_PROPS), app.node.tryGetContext(IMAGE_LOCK));
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
    const platform = new Platform(
      optionsOf(scope, props, PLATFORM_OPTIONS),
      scope.node.tryGetContext(IMAGE_LOCK),
    );
    scope.node.setContext(CONTEXT, platform);
    scope.node.addValidation({ validate: () => platform.unknownWorkloads() });
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
  /** Labels and annotations of all objects and pods beside their own. */
  readonly commonMetadata: CommonMetadata;
  /** Whether pods of others run in these namespaces. */
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
      labels: filled(options.commonLabels),
      annotations: filled(options.commonAnnotations),
    };
    this.imageOptions = { ...images, lock: images.lock ?? lock ?? undefined };
    this.namespaces = namespacesOf(options.namespaces);
    this.sharedNamespaces = options.sharedNamespaces;
  }

  /** The image to run, by its name in the stack or as a full reference. */
  image(nameOrReference: ImageName | (string & {})): string {
    const pulled = resolveImage(nameOrReference, this.imageOptions);
    this.pulled.set(pulled.image, pulled);
    return pulled.image;
  }

  /** The nodes that a workload of the cloud may run on. */
  schedulingOf(workload: string): Scheduling {
    this.scheduled.add(workload);
    const { workloads = {}, ...all } = this.scheduling;
    return layered<Scheduling>(nonEmpty(workloads[workload]), nonEmpty(all));
  }

  /** A problem for each option about a workload that there is not; none in a chart without workloads of the cloud. */
  private unknownWorkloads(): string[] {
    const names = [...this.scheduled].sort();
    const unknown = Object.keys(this.scheduling.workloads ?? {}).filter((name) => !this.scheduled.has(name));
    if (names.length === 0) return [];
    return unknown.map(
      (name) => `scheduling.workloads.${name} is the name of no workload; allowed: ${names.join(', ')}`,
    );
  }

  /** The namespace of a construct: its own, the chart's, or the platform's for its kind of work. */
  namespaceOf(scope: Construct, kind: keyof Namespaces, own?: string): string {
    verify(scope, { namespace: [own, dnsLabel] });
    return own ?? Chart.of(scope).namespace ?? this.namespaces[kind];
  }
}

/** An object or a list with something in it; an empty one is as if it were left out. */
const filled = <T extends object>(value: T | undefined): T | undefined =>
  value && Object.keys(value).length > 0 ? value : undefined;

const nonEmpty = ({ nodeSelector, tolerations, affinity }: Scheduling = {}): Scheduling => ({
  nodeSelector: filled(nodeSelector),
  tolerations: filled(tolerations),
  affinity: filled(affinity),
});

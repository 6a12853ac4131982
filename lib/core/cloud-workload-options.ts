import { namespaceOptionEntry } from './cloud-rules';
import type { Files } from './config-files';
import { image } from './image-reference';
import { type ImageName, images } from './images';
import type { k8s } from './k8s';
import { userId } from './kubernetes-rules';
import {
  absolutePath,
  annotations,
  dnsLabel,
  objectName,
  oneOfRule,
  port,
  quantity,
  wholeNumberRule,
  yesOrNo,
} from './option-rules';
import { type Options, type OptionTable, optionsRule } from './option-table';
import type { ContainerSpec } from './pods';
import { anything, mapRule } from './structure-rules';
import type { Quantity } from './units';
import type { Rule } from './validation';

/** The persistent volume of each replica of a workload. */
export interface Storage {
  /** Size of the volume. */
  readonly size: Quantity;
  /** Mount path of the volume. */
  readonly mountPath: string;
}

/** A folder of configuration files, which the container mounts from a ConfigMap. */
export interface ConfigFolder {
  /** Name of the volume, and suffix of the ConfigMap's name. */
  readonly name: string;
  /**
   * Mount path. With several paths, the same files are mounted several times.
   * @default - only a sidecar mounts the folder
   */
  readonly mountPath?: string | readonly string[];
  /** Returns the content of each file, by file name. The function is called at the end of the synthesis. */
  readonly files: () => Files;
}

/** Properties for `CloudWorkload`. */
export interface CloudWorkloadProps {
  /** Name of the Kubernetes objects, of the container and of the Service. */
  readonly name: string;
  /**
   * Namespace of the objects.
   * @default - the namespace of the chart, or else the platform's namespace `cloud`
   */
  readonly namespace?: string;
  /** Image: a name in `images`, such as `prometheus`, or a full reference. */
  readonly image: ImageName | (string & {});
  /** ID of the user that runs the program. The image must support this user. */
  readonly uid: number;
  /** The main container. Its name, image and ports are separate options of the workload. */
  readonly container: Omit<ContainerSpec, 'name' | 'image' | 'ports'>;
  /** Additional containers of each pod. @default - no additional containers */
  readonly sidecars?: readonly ContainerSpec[];
  /**
   * Container ports by name, including the ports of sidecars. The Service has the same port numbers. Without
   * ports, there is no Service.
   */
  readonly ports: Readonly<Record<string, number>>;
  /** Number of pods. @default 1 */
  readonly replicas?: number;
  /** Whether the Service is headless, so that each replica has a DNS name. @default false */
  readonly headless?: boolean;
  /**
   * Name of an additional headless Service, which gives each replica of a StatefulSet a DNS name.
   * @default - no additional Service
   */
  readonly replicasService?: string;
  /**
   * Whether each replica of a StatefulSet has its own Service, `<name>-<ordinal>`. Use this option to add replicas to
   * an existing StatefulSet with a single replica: the field `serviceName` is immutable, so such a StatefulSet cannot
   * get a headless Service.
   * @default false
   */
  readonly serviceForEachReplica?: boolean;
  /**
   * Whether all requests of a client go to the same replica. After three hours without a request, the client can
   * get another replica.
   * @default false
   */
  readonly clientAffinity?: boolean;
  /** Folders of configuration files. @default - no configuration files */
  readonly config?: readonly ConfigFolder[];
  /** Names of Secrets that the main container mounts, by mount path. @default - no Secrets */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Additional volumes, which `container` or a sidecar mounts. @default - no additional volumes */
  readonly volumes?: readonly k8s.Volume[];
  /**
   * Persistent volume of each replica. With a volume, the workload is a StatefulSet.
   * @default - no volume; the workload is a Deployment
   */
  readonly storage?: Storage;
  /**
   * RBAC rules of a ClusterRole for the service account.
   * @default - no ClusterRole, and no service account token is mounted
   */
  readonly permissions?: readonly k8s.PolicyRule[];
  /** Whether the scheduler prefers different zones for the replicas. @default false */
  readonly spreadOverZones?: boolean;
  /**
   * Annotations of the service account, such as for the workload identity of a cloud provider.
   * @default - no annotations
   */
  readonly serviceAccountAnnotations?: Readonly<Record<string, string>>;
  /** Grace period in seconds between SIGTERM and SIGKILL. @default 30 */
  readonly terminationGracePeriodSeconds?: number;
}

/** Validation rules of the options of `Storage`. */
export const STORAGE_OPTIONS = {
  size: { rule: quantity },
  mountPath: { rule: absolutePath },
} satisfies OptionTable<Storage>;

const named = oneOfRule(...Object.keys(images));

const stackImage: Rule = {
  allowed: `${named.allowed}, or ${image.allowed}`,
  accepts: (value) => named.accepts(value) || image.accepts(value),
};

/**
 * Validation rules of the options of `CloudWorkload`. Containers, volumes and RBAC rules are not validated here,
 * because constructs of this library build them from validated options.
 */
export const CLOUD_WORKLOAD_OPTIONS = {
  name: { rule: dnsLabel },
  namespace: namespaceOptionEntry('cloud'),
  image: { rule: stackImage },
  uid: { rule: userId },
  container: { rule: anything },
  sidecars: { rule: anything, default: [] },
  ports: { rule: mapRule(dnsLabel, port) },
  replicas: { rule: wholeNumberRule(1, 100), default: 1 },
  headless: { rule: yesOrNo, default: false },
  replicasService: { rule: dnsLabel, default: undefined },
  serviceForEachReplica: { rule: yesOrNo, default: false },
  clientAffinity: { rule: yesOrNo, default: false },
  config: { rule: anything, default: [] },
  secrets: { rule: mapRule(absolutePath, objectName), default: {} },
  volumes: { rule: anything, default: [] },
  storage: { rule: optionsRule<Storage>(STORAGE_OPTIONS), default: undefined },
  permissions: { rule: anything, default: undefined },
  spreadOverZones: { rule: yesOrNo, default: false },
  serviceAccountAnnotations: { rule: annotations, default: undefined },
  terminationGracePeriodSeconds: { rule: wholeNumberRule(0, 86_400), default: 30 },
} satisfies OptionTable<CloudWorkloadProps>;

/** Options of a `CloudWorkload`, with defaults applied. */
export type CloudWorkloadOptions = Options<CloudWorkloadProps, typeof CLOUD_WORKLOAD_OPTIONS>;

import { namespaceOption } from './cloud-rules';
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
  oneOf,
  port,
  quantity,
  wholeNumber,
  yesOrNo,
} from './option-rules';
import { type Options, type OptionTable, optionsRule } from './option-table';
import type { ContainerSpec } from './pods';
import { anything, mapOf } from './structure-rules';
import type { Quantity } from './units';
import type { Rule } from './validation';

/** A persistent volume of a workload. */
export interface Storage {
  readonly size: Quantity;
  readonly mountPath: string;
}

/** A folder of configuration files that the container reads from a ConfigMap. */
export interface ConfigFolder {
  /** Name of the volume, and suffix of the ConfigMap's name. */
  readonly name: string;
  /** Mount path; several paths mount the same files. @default - only a sidecar mounts the folder */
  readonly mountPath?: string | readonly string[];
  /** Returns the files by name. Called at the end of the synthesis. */
  readonly files: () => Files;
}

/** Properties for `CloudWorkload`. */
export interface CloudWorkloadProps {
  /** Name of the objects, the container and the Service. */
  readonly name: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /** Image: its name in this stack, or a full reference. */
  readonly image: ImageName | (string & {});
  /** ID of the user that the image is built for. */
  readonly uid: number;
  readonly container: Omit<ContainerSpec, 'name' | 'image' | 'ports'>;
  /** Additional containers of each pod. @default - none */
  readonly sidecars?: readonly ContainerSpec[];
  /**
   * Container ports by name, including those of sidecars. The Service has the same port numbers; without
   * ports there is no Service.
   */
  readonly ports: Readonly<Record<string, number>>;
  /** Number of pods. @default 1 */
  readonly replicas?: number;
  /** Whether the Service is headless, so that each replica has a DNS name. @default false */
  readonly headless?: boolean;
  /**
   * Name of an additional, headless Service that gives each replica of a StatefulSet a DNS name.
   * @default - none
   */
  readonly replicasService?: string;
  /**
   * A Service for each replica of a StatefulSet, `<name>-<ordinal>`: for one that had a single replica, since the Service that
   * gives replicas their names cannot be changed.
   * @default false
   */
  readonly serviceForEachReplica?: boolean;
  /** Whether a client stays with the replica that it was led to first, for three hours after its last request. @default false */
  readonly clientAffinity?: boolean;
  /** Folders of configuration files. @default - none */
  readonly config?: readonly ConfigFolder[];
  /** Secrets that the container mounts as files, by mount path. @default - none */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Additional volumes, which `container` or a sidecar mounts. @default - none */
  readonly volumes?: readonly k8s.Volume[];
  /**
   * A persistent volume for each replica, which makes the workload a StatefulSet.
   * @default - none; the workload is a Deployment
   */
  readonly storage?: Storage;
  /** RBAC rules for the whole cluster. @default - none, and no service account token is mounted */
  readonly permissions?: readonly k8s.PolicyRule[];
  /** Whether replicas are preferably spread across zones. @default false */
  readonly spreadOverZones?: boolean;
  /** Annotations of the service account, such as for a cloud provider's workload identity. @default - none */
  readonly serviceAccountAnnotations?: Readonly<Record<string, string>>;
  /** Grace period in seconds between SIGTERM and SIGKILL. @default 30 */
  readonly terminationGracePeriodSeconds?: number;
}

/** The options of a persistent volume. */
export const STORAGE_OPTIONS = {
  size: { rule: quantity },
  mountPath: { rule: absolutePath },
} satisfies OptionTable<Storage>;

const named = oneOf(...Object.keys(images));

const stackImage: Rule = {
  allowed: `${named.allowed}, or ${image.allowed}`,
  accepts: (value) => named.accepts(value) || image.accepts(value),
};

/**
 * The options of `CloudWorkload`. Parts of pods are not checked here, since constructs of this library build
 * them from checked options.
 */
export const CLOUD_WORKLOAD_OPTIONS = {
  name: { rule: dnsLabel },
  namespace: namespaceOption('cloud'),
  image: { rule: stackImage },
  uid: { rule: userId },
  container: { rule: anything },
  sidecars: { rule: anything, default: [] },
  ports: { rule: mapOf(dnsLabel, port) },
  replicas: { rule: wholeNumber(1, 100), default: 1 },
  headless: { rule: yesOrNo, default: false },
  replicasService: { rule: dnsLabel, default: undefined },
  serviceForEachReplica: { rule: yesOrNo, default: false },
  clientAffinity: { rule: yesOrNo, default: false },
  config: { rule: anything, default: [] },
  secrets: { rule: mapOf(absolutePath, objectName), default: {} },
  volumes: { rule: anything, default: [] },
  storage: { rule: optionsRule<Storage>(STORAGE_OPTIONS), default: undefined },
  permissions: { rule: anything, default: undefined },
  spreadOverZones: { rule: yesOrNo, default: false },
  serviceAccountAnnotations: { rule: annotations, default: undefined },
  terminationGracePeriodSeconds: { rule: wholeNumber(0, 86_400), default: 30 },
} satisfies OptionTable<CloudWorkloadProps>;

/** The options of a `CloudWorkload` with defaults. */
export type CloudWorkloadOptions = Options<CloudWorkloadProps, typeof CLOUD_WORKLOAD_OPTIONS>;

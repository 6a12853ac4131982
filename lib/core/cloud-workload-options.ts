import { namespaceFor } from './cloud-rules';
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
import { anything, entries } from './structure-rules';
import type { Quantity } from './units';
import type { Rule } from './validation';

/** A volume that survives the pod. */
export interface Storage {
  readonly size: Quantity;
  readonly mountPath: string;
}

/** Configuration files that the container reads from one folder; a ConfigMap. */
export interface ConfigFolder {
  /** Name of the folder's volume, and the end of the ConfigMap's name. */
  readonly name: string;
  /** Where it is mounted; several paths show the same files. @default - only a sidecar mounts it */
  readonly mountPath?: string | readonly string[];
  /** Called when the manifests are written. */
  readonly files: () => Files;
}

/** Properties for `CloudWorkload`. */
export interface CloudWorkloadProps {
  /** Name of the objects, the container and the Service. */
  readonly name: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** By its name in the stack or as a full reference. */
  readonly image: ImageName | (string & {});
  /** The user that the image is made for. */
  readonly uid: number;
  readonly container: Omit<ContainerSpec, 'name' | 'image' | 'ports'>;
  /** Containers beside it in each pod. @default - none */
  readonly sidecars?: readonly ContainerSpec[];
  /** Ports by name, those of sidecars too; the Service offers each under its own number; none, no Service. */
  readonly ports: Readonly<Record<string, number>>;
  /** @default 1 */
  readonly replicas?: number;
  /** A Service without an address of its own, that names each replica. @default false */
  readonly headless?: boolean;
  /**
   * Name of a headless Service beside the ordinary one, by which each replica of a StatefulSet has a name
   * of its own, too.
   * @default - none
   */
  readonly replicasService?: string;
  /** Folders of configuration files. @default - none */
  readonly config?: readonly ConfigFolder[];
  /** Secrets that the container reads as folders of files, by mount path. @default - none */
  readonly secrets?: Readonly<Record<string, string>>;
  /** More volumes, which `container` or a sidecar mounts. @default - none */
  readonly volumes?: readonly k8s.Volume[];
  /** A volume for each replica; makes the workload a StatefulSet. @default - none: a Deployment */
  readonly storage?: Storage;
  /** What the component may ask of the API server. @default - nothing, and no token */
  readonly permissions?: readonly k8s.PolicyRule[];
  /** Whether replicas prefer zones apart, where nodes have zones. @default false */
  readonly spreadOverZones?: boolean;
  /** Annotations of the service account, for an identity outside the cluster. @default - none */
  readonly serviceAccountAnnotations?: Readonly<Record<string, string>>;
  /** Seconds between SIGTERM and SIGKILL. @default 30 */
  readonly terminationGracePeriodSeconds?: number;
}

/** The options of a volume. */
export const STORAGE_OPTIONS = {
  size: { rule: quantity },
  mountPath: { rule: absolutePath },
} satisfies OptionTable<Storage>;

const named = oneOf(...Object.keys(images));

const stackImage: Rule = {
  allowed: `${named.allowed}, or ${image.allowed}`,
  accepts: (value) => named.accepts(value) || image.accepts(value),
};

/** The options of `CloudWorkload`; parts of pods come from constructs of this library, which have checked what they were given. */
export const CLOUD_WORKLOAD_OPTIONS = {
  name: { rule: dnsLabel },
  namespace: namespaceFor('cloud'),
  image: { rule: stackImage },
  uid: { rule: userId },
  container: { rule: anything },
  sidecars: { rule: anything, default: [] },
  ports: { rule: entries(dnsLabel, port) },
  replicas: { rule: wholeNumber(1, 100), default: 1 },
  headless: { rule: yesOrNo, default: false },
  replicasService: { rule: dnsLabel, default: undefined },
  config: { rule: anything, default: [] },
  secrets: { rule: entries(absolutePath, objectName), default: {} },
  volumes: { rule: anything, default: [] },
  storage: { rule: optionsRule<Storage>(STORAGE_OPTIONS), default: undefined },
  permissions: { rule: anything, default: undefined },
  spreadOverZones: { rule: yesOrNo, default: false },
  serviceAccountAnnotations: { rule: annotations, default: undefined },
  terminationGracePeriodSeconds: { rule: wholeNumber(0, 86_400), default: 30 },
} satisfies OptionTable<CloudWorkloadProps>;

/** The options of a CloudWorkload, with what counts of those that are left out. */
export type CloudWorkloadOptions = Options<CloudWorkloadProps, typeof CLOUD_WORKLOAD_OPTIONS>;

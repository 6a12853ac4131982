import type { Construct } from 'constructs';
import type { Files } from './config-files';
import type { ImageName } from './images';
import type { k8s } from './k8s';
import { annotations, dnsLabel, objectName, quantity, wholeNumber } from './option-rules';
import type { ContainerSpec } from './pods';
import type { Quantity } from './units';
import { verify } from './validation';

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
  readonly image: ImageName;
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

/** @throws InvalidOptionError that names every option of a CloudWorkload which breaks its rule. */
export function verifyWorkloadProps(scope: Construct, props: CloudWorkloadProps): void {
  verify(scope, {
    name: [props.name, dnsLabel],
    serviceAccountAnnotations: [props.serviceAccountAnnotations, annotations],
    replicas: [props.replicas, wholeNumber(1, 100)],
    'storage.size': [props.storage?.size, quantity],
    secrets: [Object.values(props.secrets ?? {}).find((name) => !objectName.accepts(name)), objectName],
  });
}

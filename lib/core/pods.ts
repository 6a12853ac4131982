import { k8s } from './k8s';
import type { Cpu, Quantity } from './units';

/** ID of the user `nobody`, as which programs run by default. */
export const NOBODY = 65_534;

/**
 * Resources of a container. There is no CPU limit, since it would only throttle; a memory limit protects
 * other pods.
 */
export interface Resources {
  /** CPU request. */
  readonly cpu: Cpu;
  /** Memory request. */
  readonly memory: Quantity;
  /** Memory limit. @default - the memory request */
  readonly memoryLimit?: Quantity;
}

/** A container of a construct; `hardenContainer` adds what all containers of the stack have in common. */
export interface ContainerSpec extends Omit<k8s.Container, 'resources'> {
  /** Full reference of the image, with a tag or digest. */
  readonly image: string;
  /** Requests and limits, converted to the Kubernetes field of the same name. */
  readonly resources: Resources;
}

/**
 * Returns the container with the defaults of the stack: resources, a read-only root file system, no
 * privileges and no capabilities. A construct that needs more sets `securityContext`, and gives the reason in
 * a comment.
 */
export function hardenContainer({ resources, securityContext, ...container }: ContainerSpec): k8s.Container {
  return {
    ...container,
    imagePullPolicy: 'IfNotPresent',
    resources: {
      requests: { cpu: toQuantity(resources.cpu), memory: toQuantity(resources.memory) },
      limits: { memory: toQuantity(resources.memoryLimit ?? resources.memory) },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      ...securityContext,
    },
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

/**
 * Returns the security context of a pod that runs as a non-root user with the runtime's default seccomp
 * profile.
 */
export function unprivilegedPodSecurity(uid = NOBODY): k8s.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: uid,
    fsGroup: uid,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/**
 * Returns the security context of a pod that runs as root without capabilities or other privileges. Root owns
 * the container logs (0640) and the folders created on the host (0755), to which fsGroup does not apply.
 */
export function fileOwnerPodSecurity(): k8s.PodSecurityContext {
  return { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } };
}

/** Returns an environment variable with the value of a pod field. */
export function envFromField(name: string, fieldPath: string): k8s.EnvVar {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}

/** Returns an emptyDir volume, which is deleted with the pod. */
export function emptyDirVolume(name: string, sizeLimit: Quantity, medium?: 'Memory'): k8s.Volume {
  return { name, emptyDir: { sizeLimit: toQuantity(sizeLimit), medium } };
}

/**
 * Returns a Secret as a volume that only the pod's user can read. Mounted folders follow changes of the
 * Secret.
 */
export function secretVolume(name: string, secretName: string): k8s.Volume {
  return { name, secret: { secretName, defaultMode: 0o440 } };
}

/** Returns a hostPath volume. */
export function hostPath(
  name: string,
  path: string,
  type: 'Directory' | 'DirectoryOrCreate' = 'Directory',
): k8s.Volume {
  return { name, hostPath: { path, type } };
}

/** Converts an amount to the Kubernetes type. */
export const toQuantity = (amount: string): k8s.Quantity => k8s.Quantity.fromString(amount);

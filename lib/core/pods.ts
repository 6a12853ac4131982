import { k8s } from './k8s';
import type { Cpu, Quantity } from './units';

/** The user `nobody`, as whom a program runs that has no user of its own. */
export const NOBODY = 65_534;

/** What a container asks for. A processor limit would only slow it down; a memory limit keeps neighbours safe. */
export interface Resources {
  /** Processor time that is kept free for it. */
  readonly cpu: Cpu;
  /** Memory that is kept free for it. */
  readonly memory: Quantity;
  /** Most memory that it may take. @default - the same as `memory` */
  readonly memoryLimit?: Quantity;
}

/** A container as constructs state it; what every container of the stack shares is added by `hardened`. */
export interface ContainerSpec extends Omit<k8s.Container, 'resources'> {
  /** Full reference of the image, with a tag or digest. */
  readonly image: string;
  /** What it asks for; it becomes Kubernetes' own field of that name. */
  readonly resources: Resources;
}

/**
 * The container with what every container of the stack has: resources, a read-only root, no
 * privileges and no capabilities. A construct that needs more states it in `securityContext`,
 * with the reason beside it.
 */
export function hardened({ resources, securityContext, ...container }: ContainerSpec): k8s.Container {
  return {
    ...container,
    imagePullPolicy: 'IfNotPresent',
    resources: {
      requests: { cpu: quantity(resources.cpu), memory: quantity(resources.memory) },
      limits: { memory: quantity(resources.memoryLimit ?? resources.memory) },
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

/** The pod's security context: a user that is not root, and the runtime's own seccomp filter. */
export function unprivileged(uid = NOBODY): k8s.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: uid,
    fsGroup: uid,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/**
 * Root, with no capability and no other privilege: it owns the logs of containers (0640) and a folder that
 * was made on the host (0755), where fsGroup does not apply.
 */
export function rootOfFiles(): k8s.PodSecurityContext {
  return { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } };
}

/** An environment variable from a field of the pod. */
export function fromField(name: string, fieldPath: string): k8s.EnvVar {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}

/** A scratch folder that goes with the pod. */
export function scratch(name: string, sizeLimit: Quantity, medium?: 'Memory'): k8s.Volume {
  return { name, emptyDir: { sizeLimit: quantity(sizeLimit), medium } };
}

/** A Secret as a folder of files that only the pod's user can read. Whole folders follow a change of the Secret. */
export function secretVolume(name: string, secretName: string): k8s.Volume {
  return { name, secret: { secretName, defaultMode: 0o440 } };
}

/** A folder of the host. */
export function hostPath(
  name: string,
  path: string,
  type: 'Directory' | 'DirectoryOrCreate' = 'Directory',
): k8s.Volume {
  return { name, hostPath: { path, type } };
}

/** Kubernetes' own type for an amount. */
export const quantity = (amount: string): k8s.Quantity => k8s.Quantity.fromString(amount);

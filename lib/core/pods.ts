import { k8s } from './k8s';
import type { Cpu, Quantity } from './units';

/** User ID of `nobody`, the default user of containers. */
export const NOBODY = 65_534;

/**
 * Requests and limits of a container. Containers have no CPU limit, because a limit would only throttle them. The
 * memory limit protects other pods.
 */
export interface Resources {
  /** CPU request. */
  readonly cpu: Cpu;
  /** Memory request. */
  readonly memory: Quantity;
  /** Memory limit. @default - the memory request */
  readonly memoryLimit?: Quantity;
}

/** A container of a construct. `hardenContainer()` adds the fields that all containers of the stack have in common. */
export interface ContainerSpec extends Omit<k8s.Container, 'resources'> {
  /** Full reference of the image, with a tag or digest. */
  readonly image: string;
  /** Requests and limits, which are converted to the Kubernetes field of the same name. */
  readonly resources: Resources;
}

/**
 * Returns a container with the defaults of the stack: a read-only root file system, no privilege escalation and no
 * capabilities. Fields of `securityContext` replace these defaults; a construct that sets such a field gives the
 * reason in a comment.
 */
export function hardenContainer({ resources, securityContext, ...container }: ContainerSpec): k8s.Container {
  return {
    ...container,
    imagePullPolicy: 'IfNotPresent',
    resources: {
      requests: {
        cpu: kubernetesQuantityFromText(resources.cpu),
        memory: kubernetesQuantityFromText(resources.memory),
      },
      limits: { memory: kubernetesQuantityFromText(resources.memoryLimit ?? resources.memory) },
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
 * Returns the security context of a pod that runs as a non-root user, with the default seccomp profile of the
 * container runtime.
 */
export function unprivilegedPodSecurityContext(uid = NOBODY): k8s.PodSecurityContext {
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: uid,
    fsGroup: uid,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/**
 * Returns the security context of a pod that runs as root, without capabilities. Such a pod can read container logs
 * (owned by root, mode 0640) and write to folders on the node (owned by root, mode 0755). `fsGroup` does not apply
 * to logs and folders on the node.
 */
export function rootPodSecurityContext(): k8s.PodSecurityContext {
  return { runAsUser: 0, runAsGroup: 0, seccompProfile: { type: 'RuntimeDefault' } };
}

/** Returns an environment variable that contains the value of a pod field. */
export function envFromField(name: string, fieldPath: string): k8s.EnvVar {
  return { name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } };
}

/** Returns an emptyDir volume, which is deleted with the pod. */
export function emptyDirVolume(name: string, sizeLimit: Quantity, medium?: 'Memory'): k8s.Volume {
  return { name, emptyDir: { sizeLimit: kubernetesQuantityFromText(sizeLimit), medium } };
}

/**
 * Returns a volume with a Secret. Only root and the group of the pod can read its files (mode 0440). Mount the
 * volume as a whole folder, because the files then follow changes of the Secret.
 */
export function secretVolume(name: string, secretName: string): k8s.Volume {
  return { name, secret: { secretName, defaultMode: 0o440 } };
}

/** Returns a hostPath volume. By default, the folder must exist on the node. */
export function hostPathVolume(
  name: string,
  path: string,
  type: 'Directory' | 'DirectoryOrCreate' = 'Directory',
): k8s.Volume {
  return { name, hostPath: { path, type } };
}

/** Converts an amount, such as `100m` or `64Mi`, to the Kubernetes type. */
export const kubernetesQuantityFromText = (amount: string): k8s.Quantity => k8s.Quantity.fromString(amount);

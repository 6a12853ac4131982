import type { k8s } from './k8s';
import { patternRule, port, yesOrNo } from './option-rules';
import { type OptionTable, optionsRule } from './option-table';
import { rootPodSecurityContext, unprivilegedPodSecurityContext } from './pods';

/** Properties of a node's operating system that differ from Debian with systemd. */
export interface Host {
  /**
   * Whether the root mount is shared, as systemd mounts it. Set the option to `false` if the container runtime fails
   * with "path / is mounted on / but it is not a shared or slave mount". node_exporter then only reports the file
   * systems that are mounted when its pod starts.
   * @default true
   */
  readonly sharedRootMount?: boolean;
  /** Whether the kernel supports seccomp. With `false`, pods have no seccomp profile. @default true */
  readonly seccomp?: boolean;
  /**
   * SELinux type of containers that mount folders of the node, such as `spc_t`. Set this type if nodes enforce
   * SELinux.
   * @default - the container runtime chooses the type
   */
  readonly seLinuxType?: string;
}

/** Properties of the cloud nodes that differ from Debian with systemd. */
export interface CloudNodes extends Host {
  /** Port of node_exporter on the nodes' addresses. @default 9100 */
  readonly nodeExporterPort?: number;
}

const seLinuxType = patternRule(
  /^[a-z][a-z0-9_]*_t$/,
  'an SELinux type: lower-case letters, digits and underscores, ending in "_t", such as "spc_t"',
);

/** Default port of node_exporter on edge nodes and cloud nodes. */
export const NODE_EXPORTER_PORT = 9100;

/** Validation rules of the options of `Host`. */
export const HOST_OPTIONS = {
  sharedRootMount: { rule: yesOrNo, default: true },
  seccomp: { rule: yesOrNo, default: true },
  seLinuxType: { rule: seLinuxType, default: undefined },
} satisfies OptionTable<Host>;

/** Validation rules of the options of `CloudNodes`. */
export const CLOUD_NODES = {
  ...HOST_OPTIONS,
  nodeExporterPort: { rule: port, default: NODE_EXPORTER_PORT },
} satisfies OptionTable<CloudNodes>;

/** Validation rule for an option of type `CloudNodes`. */
export const cloudNodesRule = optionsRule<CloudNodes>(CLOUD_NODES);

/**
 * Returns the security context of a pod that runs as the user `uid`, or as `nobody` if `uid` is undefined. The
 * context has no seccomp profile if the host does not support seccomp.
 */
export function podSecurityContextForUidOnHost(
  { seccomp }: Host,
  uid: number | undefined,
): k8s.PodSecurityContext {
  const context = uid === 0 ? rootPodSecurityContext() : unprivilegedPodSecurityContext(uid);
  return seccomp === false ? { ...context, seccompProfile: undefined } : context;
}

/**
 * Adds the node's SELinux type to a container that mounts a folder of the node. Returns the container unchanged if
 * it mounts no folder of the node, or if `seLinuxType` is not set.
 */
export function addSeLinuxTypeIfMountingHostPath<
  T extends Pick<k8s.Container, 'securityContext' | 'volumeMounts'>,
>({ seLinuxType: type }: Host, volumes: readonly k8s.Volume[], container: T): T {
  const ofHost = new Set(volumes.filter(({ hostPath: folder }) => folder).map(({ name }) => name));
  if (!type || !container.volumeMounts?.some(({ name }) => ofHost.has(name))) return container;
  const { securityContext } = container;
  const seLinuxOptions = { type, ...securityContext?.seLinuxOptions };
  return { ...container, securityContext: { ...securityContext, seLinuxOptions } };
}

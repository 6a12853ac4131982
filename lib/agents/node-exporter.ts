import type { k8s } from '../core/k8s';
import { hostPath } from '../core/pods';

/** Mounts that come and go with containers, and say nothing of the device. */
const CONTAINER_MOUNTS =
  '^/(dev|proc|sys|run/.+|var/lib/docker/.+|var/lib/containerd/.+|var/lib/kubelet/.+|var/lib/edged/.+)($|/)';

/** Interfaces of containers: the host's side of each pod's pair. */
const CONTAINER_INTERFACES = '^(veth|cali|lxc)';

/** The arguments by which node_exporter sees the host instead of its container, on the edge and in the cloud. */
export function nodeExporterArgs(listenAddress: string): string[] {
  return [
    '--path.procfs=/host/proc',
    '--path.sysfs=/host/sys',
    '--path.rootfs=/host/root',
    `--web.listen-address=${listenAddress}`,
    `--collector.filesystem.mount-points-exclude=${CONTAINER_MOUNTS}`,
    `--collector.netclass.ignored-devices=${CONTAINER_INTERFACES}`,
    `--collector.netdev.device-exclude=${CONTAINER_INTERFACES}`,
  ];
}

/**
 * The host's files, read-only. Where the root mount is shared, mounts that the host adds later appear below root as well;
 * container runtimes refuse to propagate mounts of one that is not.
 */
export function hostFilesystem(isShared = true): { volumes: k8s.Volume[]; mounts: k8s.VolumeMount[] } {
  return {
    volumes: [hostPath('proc', '/proc'), hostPath('sys', '/sys'), hostPath('root', '/')],
    mounts: [
      { name: 'proc', mountPath: '/host/proc', readOnly: true },
      { name: 'sys', mountPath: '/host/sys', readOnly: true },
      {
        name: 'root',
        mountPath: '/host/root',
        readOnly: true,
        ...(isShared && { mountPropagation: 'HostToContainer' }),
      },
    ],
  };
}

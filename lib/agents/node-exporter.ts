import type { k8s } from '../core/k8s';
import { hostPath } from '../core/pods';

/** Mount points of containers, which come and go and are irrelevant for the device. */
const CONTAINER_MOUNTS =
  '^/(dev|proc|sys|run/.+|var/lib/docker/.+|var/lib/containerd/.+|var/lib/kubelet/.+|var/lib/edged/.+)($|/)';

/** Network interfaces of containers: the host's side of each pod's veth pair. */
const CONTAINER_INTERFACES = '^(veth|cali|lxc)';

/**
 * Returns the arguments by which node_exporter reports the host instead of its container, on edge and cloud
 * nodes.
 */
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
 * Returns the host's root file system as a read-only volume. If the root mount is shared, mounts that the
 * host adds later also appear below it; container runtimes refuse to propagate mounts otherwise.
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

import type { k8s } from '../core/k8s';
import { hostPathVolume } from '../core/pods';

/**
 * Regular expression for mount points of containers. node_exporter ignores these mount points, because their
 * metrics would not describe the disks of the device.
 */
const CONTAINER_MOUNTS =
  '^/(dev|proc|sys|run/.+|var/lib/docker/.+|var/lib/containerd/.+|var/lib/kubelet/.+|var/lib/edged/.+)($|/)';

/**
 * Regular expression for the network interfaces that node_exporter ignores: the host's side of each pod's veth pair.
 */
const CONTAINER_INTERFACES = '^(veth|cali|lxc)';

/**
 * Returns the arguments that make node_exporter report the host instead of its own container.
 * @param listenAddress address and port of node_exporter's HTTP server, such as `127.0.0.1:9100`
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
 * Returns read-only volumes and mounts of the host's root file system, `/proc` and `/sys`.
 * @param isShared whether the host's root mount is shared. If true, file systems that the host mounts later also
 * appear in the container. If false, the mount has no propagation, because container runtimes do not start
 * a container with propagation from a root mount that is not shared
 */
export function hostFilesystemVolumesAndMounts(isShared = true): {
  volumes: k8s.Volume[];
  mounts: k8s.VolumeMount[];
} {
  return {
    volumes: [hostPathVolume('proc', '/proc'), hostPathVolume('sys', '/sys'), hostPathVolume('root', '/')],
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

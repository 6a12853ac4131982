import type { k8s } from '../../core/k8s';
import type { ContainerSpec } from '../../core/pods';
import script from './wait-for-files.sh';

/** A volume with a ConfigMap or Secret. */
interface FilesVolume {
  readonly name: string;
  readonly folder: string;
}

/**
 * Returns the init container that waits until the pod's ConfigMaps and Secrets exist, and logs which one is
 * missing: KubeEdge mounts an empty folder in that case. Empty for a pod without such volumes.
 */
export function waitForFilesContainer(volumes: readonly k8s.Volume[], image: string): ContainerSpec[] {
  const awaited = volumes.flatMap(filesVolume);
  if (!awaited.length) return [];
  return [
    {
      name: 'wait-for-files',
      image,
      command: ['/bin/sh', '-c', script, 'wait-for-files', ...awaited.map(({ folder }) => folder)],
      resources: { cpu: '5m', memory: '8Mi', memoryLimit: '24Mi' },
      volumeMounts: awaited.map(({ name, folder }) => ({ name, mountPath: folder, readOnly: true })),
    },
  ];
}

function filesVolume({ name, configMap, secret }: k8s.Volume): FilesVolume[] {
  if (configMap?.name && !configMap.optional) return [{ name, folder: `/wait/ConfigMap/${configMap.name}` }];
  if (secret?.secretName && !secret.optional) return [{ name, folder: `/wait/Secret/${secret.secretName}` }];
  return [];
}

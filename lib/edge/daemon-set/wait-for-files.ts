import type { k8s } from '../../core/k8s';
import type { ContainerSpec } from '../../core/pods';
import script from './wait-for-files.sh';

/** A volume with a ConfigMap or Secret, and the folder where the init container mounts the volume. */
interface FilesVolume {
  readonly name: string;
  readonly folder: string;
}

/**
 * Returns the init container `wait-for-files`, which waits until the pod's ConfigMaps and Secrets exist. While it
 * waits, it logs the name of the missing ConfigMap or Secret. KubeEdge would otherwise mount an empty folder. Returns
 * an empty list for a pod without ConfigMaps and Secrets.
 */
export function initContainersThatWaitForFiles(
  volumes: readonly k8s.Volume[],
  image: string,
): ContainerSpec[] {
  const awaited = volumes.flatMap(volumesToWaitFor);
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

function volumesToWaitFor({ name, configMap, secret }: k8s.Volume): FilesVolume[] {
  if (configMap?.name && !configMap.optional) return [{ name, folder: `/wait/ConfigMap/${configMap.name}` }];
  if (secret?.secretName && !secret.optional) return [{ name, folder: `/wait/Secret/${secret.secretName}` }];
  return [];
}

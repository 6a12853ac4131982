import type { k8s } from '../../core/k8s';
import type { ContainerSpec } from '../../core/pods';
import script from './wait-for-files.sh';

/** A volume with files from the API server. */
interface FilesVolume {
  readonly name: string;
  readonly folder: string;
}

/**
 * The init container that keeps a pod from being ready, and says why, while a ConfigMap or a Secret of it is missing: at
 * the edge its volume is an empty folder then. None where the pod has no such volume.
 */
export function waitForFiles(volumes: readonly k8s.Volume[], image: string): ContainerSpec[] {
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

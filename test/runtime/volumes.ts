import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../support/manifests';
import type { Cleanup } from './cleanup';
import type { Node } from './node';
import { bytes, type VolumeSpec } from './pod-spec';
import { run } from './programs';
import { ProjectedFolder } from './projected-folder';

/** Returns a Secret or ConfigMap in the namespace of the pod. */
export type Lookup = (kind: 'Secret' | 'ConfigMap', name: string) => Manifest;

/** A volume of a pod, and its path on this machine. */
export interface Volume {
  readonly path: string;
  /** Whether the volume is read-only for all mounts. A kubelet always mounts Secrets and ConfigMaps read-only. */
  readonly readOnly?: boolean;
  /** Updates the files of the volume. @default - the volume has no source that changes */
  readonly refresh?: () => void;
}

/** Data that the volumes of a pod need. */
export interface VolumeContext {
  readonly node: Node;
  readonly folder: string;
  readonly fsGroup?: number;
  readonly lookup: Lookup;
  readonly cleanup: Cleanup;
}

/**
 * Creates a volume with the owner and mode that a kubelet would set.
 * @throws Error if the runtime does not support the kind of volume
 */
export function createVolume(spec: VolumeSpec, context: VolumeContext): Volume {
  const { secret, configMap, emptyDir, hostPath } = spec;
  if (secret)
    return createProjectedVolume(spec.name, 'Secret', secret.secretName, secret.defaultMode, context);
  if (configMap)
    return createProjectedVolume(spec.name, 'ConfigMap', configMap.name, configMap.defaultMode, context);
  if (emptyDir) return createEmptyDir(spec.name, emptyDir, context);
  if (hostPath) return resolveHostPath(hostPath, context);
  throw new Error(
    `volume ${spec.name}: the test runtime does not support this kind of volume: add it in test/runtime/volumes.ts`,
  );
}

/**
 * Returns the volume of a PersistentVolumeClaim. It is created once, and stays until the cluster is destroyed. It looks
 * like a new file system: root owns it, and `fsGroup` is its group.
 */
export function createClaim(folder: string, fsGroup: number | undefined): Volume {
  if (!existsSync(folder)) {
    createFolder(folder, fsGroup, 0o755, 0o2775);
    createFolder(join(folder, 'lost+found'), fsGroup, 0o700, 0o2770);
  }
  return { path: folder };
}

function createProjectedVolume(
  name: string,
  kind: 'Secret' | 'ConfigMap',
  source: string,
  defaultMode = 0o644,
  { folder, fsGroup, lookup }: VolumeContext,
): Volume {
  const files = new ProjectedFolder(join(folder, name), { mode: defaultMode, fsGroup });
  const refresh = () => files.write(contents(lookup(kind, source)));
  refresh();
  return { path: files.path, readOnly: true, refresh };
}

function createEmptyDir(
  name: string,
  { medium, sizeLimit }: NonNullable<VolumeSpec['emptyDir']>,
  { folder, fsGroup, cleanup }: VolumeContext,
): Volume {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  if (medium === 'Memory') {
    const size = sizeLimit ? [`-osize=${bytes(sizeLimit)}`] : [];
    run('mount', '-t', 'tmpfs', ...size, 'tmpfs', path);
    cleanup.add(() => run('umount', path));
  }
  createFolder(path, fsGroup, 0o777, 0o2777);
  return { path };
}

function resolveHostPath(
  { path, type }: NonNullable<VolumeSpec['hostPath']>,
  { node }: VolumeContext,
): Volume {
  const folder = node.path(path);
  if (type === 'DirectoryOrCreate' && !existsSync(folder)) createFolder(folder, undefined, 0o755, 0);
  if (!existsSync(folder)) throw new Error(`hostPath ${path} does not exist on node ${node.name}`);
  return { path: folder };
}

function createFolder(path: string, fsGroup: number | undefined, mode: number, groupMode: number): void {
  mkdirSync(path, { recursive: true });
  chownSync(path, 0, fsGroup ?? 0);
  chmodSync(path, fsGroup === undefined ? mode : groupMode);
}

/** Returns the files of a Secret or ConfigMap by name. */
export function contents({ kind, data, stringData }: Manifest): Record<string, Buffer> {
  return { ...decode(data, kind === 'Secret' ? 'base64' : 'utf8'), ...decode(stringData, 'utf8') };
}

function decode(texts: Readonly<Record<string, string>> = {}, encoding: BufferEncoding) {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text, encoding)]));
}

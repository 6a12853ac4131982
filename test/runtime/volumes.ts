import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../support/manifests';
import type { Cleanup } from './cleanup';
import type { Node } from './node';
import { bytes, type VolumeSpec } from './pod-spec';
import { run } from './programs';
import { ProjectedFolder } from './projected-folder';

/** Finds a Secret or ConfigMap of the pod's namespace. */
export type Lookup = (kind: 'Secret' | 'ConfigMap', name: string) => Manifest;

/** A volume of a pod and its path on this machine. */
export interface Volume {
  readonly path: string;
  /** A kubelet mounts Secrets and ConfigMaps read-only, whatever the manifest contains. */
  readonly readOnly?: boolean;
  /** Reads its source again. */
  readonly refresh?: () => void;
}

/** Data that a pod's volumes need. */
export interface VolumeContext {
  readonly node: Node;
  readonly folder: string;
  readonly fsGroup?: number;
  readonly lookup: Lookup;
  readonly cleanup: Cleanup;
}

/** Makes a volume with the owner and the modes that a kubelet gives it. */
export function makeVolume(spec: VolumeSpec, context: VolumeContext): Volume {
  const { secret, configMap, emptyDir, hostPath } = spec;
  if (secret) return projected(spec.name, 'Secret', secret.secretName, secret.defaultMode, context);
  if (configMap) return projected(spec.name, 'ConfigMap', configMap.name, configMap.defaultMode, context);
  if (emptyDir) return scratch(spec.name, emptyDir, context);
  if (hostPath) return host(hostPath, context);
  throw new Error(`volume ${spec.name} is of no kind that the test runtime knows: teach it`);
}

/** The volume of a PersistentVolumeClaim: a new file system, owned by root except for the fsGroup. It stays while the cluster does. */
export function makeClaim(folder: string, fsGroup: number | undefined): Volume {
  if (!existsSync(folder)) {
    makeFolder(folder, fsGroup, 0o755, 0o2775);
    makeFolder(join(folder, 'lost+found'), fsGroup, 0o700, 0o2770);
  }
  return { path: folder };
}

function projected(
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

function scratch(
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
  makeFolder(path, fsGroup, 0o777, 0o2777);
  return { path };
}

function host({ path, type }: NonNullable<VolumeSpec['hostPath']>, { node }: VolumeContext): Volume {
  const folder = node.path(path);
  if (type === 'DirectoryOrCreate' && !existsSync(folder)) makeFolder(folder, undefined, 0o755, 0);
  if (!existsSync(folder)) throw new Error(`hostPath ${path} does not exist on node ${node.name}`);
  return { path: folder };
}

function makeFolder(path: string, fsGroup: number | undefined, mode: number, groupMode: number): void {
  mkdirSync(path, { recursive: true });
  chownSync(path, 0, fsGroup ?? 0);
  chmodSync(path, fsGroup === undefined ? mode : groupMode);
}

/** The files of a Secret or ConfigMap. */
export function contents({ kind, data, stringData }: Manifest): Record<string, Buffer> {
  return { ...decode(data, kind === 'Secret' ? 'base64' : 'utf8'), ...decode(stringData, 'utf8') };
}

function decode(texts: Readonly<Record<string, string>> = {}, encoding: BufferEncoding) {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text, encoding)]));
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cleanup } from './cleanup';
import type { Node } from './node';
import type { ContainerSpec, PodTemplate } from './pod-spec';
import { ProjectedFolder } from './projected-folder';
import type { Mount } from './sandbox';
import { createVolume, type Lookup, type Volume } from './volumes';

/** Address of the API server for pods, and its CA certificate in PEM. */
export interface ApiServer {
  readonly host: string;
  readonly port: number;
  readonly authority: string;
}

/** Properties for `PodFiles`. */
export interface PodFilesProps {
  readonly name: string;
  readonly namespace: string;
  readonly template: PodTemplate;
  readonly node: Node;
  readonly folder: string;
  /** Volumes of PersistentVolumeClaims by name. They outlive the pod. */
  readonly claims: Readonly<Record<string, Volume>>;
  /** API server of pods that get a token of their service account. @default - the pod gets no token */
  readonly apiServer?: ApiServer;
  /** CA certificates in PEM that the pod's programs trust. */
  readonly authorities: string;
  readonly lookup: Lookup;
  readonly cleanup: Cleanup;
}

/**
 * Files in /etc of every container. Names are only looked up in /etc/hosts, because there is no DNS. A name may have
 * several addresses.
 */
const ETC = {
  'host.conf': 'multi on\n',
  'nsswitch.conf': 'hosts: files\n',
  passwd: 'root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  group: 'root:x:0:\nnobody:x:65534:\n',
};

const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
const TOKEN_DIR = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Files that the containers of a pod see in addition to their images: volumes, a token, and files that a kubelet
 * writes.
 */
export class PodFiles {
  private readonly etc: string;
  private readonly volumes: Readonly<Record<string, Volume>>;
  private readonly shared: readonly Mount[];

  constructor(private readonly props: PodFilesProps) {
    this.etc = join(props.folder, 'etc');
    this.volumes = { ...this.createVolumes(), ...props.claims };
    this.shared = [...this.writeEtc(), ...this.writeToken()];
  }

  /** Returns the mounts of a container, outer folders first. */
  mounts({ name, volumeMounts = [] }: ContainerSpec): Mount[] {
    const own = volumeMounts.map((mount) => {
      const volume = this.volumes[mount.name];
      if (!volume)
        throw new Error(`container ${name} mounts the volume ${mount.name}, which its pod does not have`);
      const readOnly = Boolean(mount.readOnly || volume.readOnly);
      return { source: volume.path, target: mount.mountPath, readOnly };
    });
    return [...this.shared, ...own].sort((one, other) => (one.target < other.target ? -1 : 1));
  }

  /** Writes /etc/hosts into the existing file, because running containers have this file mounted. */
  writeHosts(text: string): void {
    writeFileSync(join(this.etc, 'hosts'), text);
  }

  /** Updates the volumes with changed Secrets and ConfigMaps. */
  refresh(): void {
    for (const volume of Object.values(this.volumes)) volume.refresh?.();
  }

  private createVolumes(): Record<string, Volume> {
    const { template, folder } = this.props;
    const context = {
      ...this.props,
      folder: join(folder, 'volumes'),
      fsGroup: template.spec.securityContext?.fsGroup,
    };
    const volumes = template.spec.volumes ?? [];
    return Object.fromEntries(volumes.map((spec) => [spec.name, createVolume(spec, context)]));
  }

  private writeEtc(): Mount[] {
    mkdirSync(this.etc, { recursive: true });
    const files = { ...ETC, hosts: '', 'ca-certificates.crt': this.props.authorities };
    return Object.entries(files).map(([name, content]) => {
      const source = join(this.etc, name);
      writeFileSync(source, content);
      return {
        source,
        target: name === 'ca-certificates.crt' ? AUTHORITIES : `/etc/${name}`,
        readOnly: true,
      };
    });
  }

  private writeToken(): Mount[] {
    const { apiServer, namespace, folder, template } = this.props;
    if (!apiServer) return [];
    const fsGroup = template.spec.securityContext?.fsGroup;
    const files = new ProjectedFolder(join(folder, 'token'), { mode: 0o644, fsGroup });
    const texts = { token: 'no API server knows this token', namespace, 'ca.crt': apiServer.authority };
    files.write(Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)])));
    return [{ source: files.path, target: TOKEN_DIR, readOnly: true }];
  }
}

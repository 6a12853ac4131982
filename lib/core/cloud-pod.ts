import { basename } from 'node:path';
import type { CloudWorkloadOptions, ConfigFolder } from './cloud-workload-options';
import { type ConfigFiles, checksumAnnotation } from './config-files';
import type { k8s } from './k8s';
import type { Identity } from './labels';
import { podAntiAffinity, zoneSpreadConstraint } from './placement';
import type { Platform } from './platform';
import { emptyDirVolume, hardenContainer, secretVolume, unprivilegedPodSecurityContext } from './pods';
import { mergeAffinityOfCloudWorkload } from './scheduling';

const TMP = { name: 'tmp', mountPath: '/tmp' };

/** Properties for `buildCloudPodTemplate()`, in addition to the options of the workload. */
export interface CloudPodContext {
  readonly identity: Identity;
  readonly replicas: number;
  /** ConfigMaps with the configuration of the pods. Pods restart when the content of a ConfigMap changes. */
  readonly configFiles: readonly ConfigFiles[];
  readonly platform: Platform;
}

/** Returns the pod template of a `CloudWorkload`: hardened containers, and an affinity for cloud nodes. */
export function buildCloudPodTemplate(
  props: CloudWorkloadOptions,
  { identity, replicas, configFiles, platform }: CloudPodContext,
): k8s.PodTemplateSpec {
  const scheduling = platform.schedulingOf(props.name);
  return {
    metadata: { labels: identity.labels, annotations: checksumAnnotation(configFiles) },
    spec: {
      serviceAccountName: props.name,
      automountServiceAccountToken: props.permissions !== undefined,
      enableServiceLinks: false,
      nodeSelector: scheduling.nodeSelector && { ...scheduling.nodeSelector },
      affinity: mergeAffinityOfCloudWorkload(scheduling, replicas > 1 ? podAntiAffinity(identity) : {}),
      tolerations: scheduling.tolerations && [...scheduling.tolerations],
      topologySpreadConstraints: props.spreadOverZones ? [zoneSpreadConstraint(identity)] : undefined,
      securityContext: {
        ...unprivilegedPodSecurityContext(props.uid),
        fsGroupChangePolicy: 'OnRootMismatch',
      },
      imagePullSecrets: platform.imagePullSecrets,
      terminationGracePeriodSeconds: props.terminationGracePeriodSeconds,
      containers: [buildMainContainer(props, platform), ...props.sidecars.map(hardenContainer)],
      volumes: [
        emptyDirVolume('tmp', '64Mi'),
        ...configFiles.map((files) => files.toVolume(files.node.id)),
        ...Object.entries(props.secrets).map(([path, secret]) => secretVolume(basename(path), secret)),
        ...props.volumes,
      ],
    },
  };
}

function buildMainContainer(props: CloudWorkloadOptions, platform: Platform): k8s.Container {
  const { container, name, image, config, storage, secrets } = props;
  return hardenContainer({
    ...container,
    name,
    image: platform.image(image),
    ports: mainContainerPorts(props),
    volumeMounts: [
      TMP,
      ...(container.volumeMounts ?? []),
      ...config.flatMap(configMounts),
      ...(storage ? [{ name: 'data', mountPath: storage.mountPath }] : []),
      ...Object.keys(secrets).map(secretMount),
    ],
  });
}

/**
 * Returns the ports of the main container. Returns `undefined` if all ports belong to sidecars: an empty list would
 * appear in each diff, because the API server removes it.
 */
function mainContainerPorts({ ports, sidecars }: CloudWorkloadOptions): k8s.ContainerPort[] | undefined {
  const ofSidecars = new Set(sidecars.flatMap((sidecar) => (sidecar.ports ?? []).map(({ name }) => name)));
  const own = Object.entries(ports).filter(([port]) => !ofSidecars.has(port));
  return own.length
    ? own.map(([name, containerPort]) => ({ name, containerPort, protocol: 'TCP' }))
    : undefined;
}

/**
 * Returns the volume mount of a Secret. The name of the volume is derived from the mount path, because the name
 * of a Secret can be too long for the name of a volume.
 */
export const secretMount = (mountPath: string): k8s.VolumeMount => ({
  name: basename(mountPath),
  mountPath,
  readOnly: true,
});

/** Returns the volume mounts of a folder with configuration files, one for each mount path. */
export function configMounts({ name, mountPath = [] }: ConfigFolder): k8s.VolumeMount[] {
  return [mountPath].flat().map((path) => ({ name, mountPath: path, readOnly: true }));
}

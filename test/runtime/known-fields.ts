import type { PodSpec } from './pod-spec';

type Fields = ReadonlySet<string>;

/**
 * Fields that the runtime supports. It must not ignore others silently: a manifest with any other field is refused
 * until the runtime implements it.
 */
const KNOWN = {
  pod: fields(
    'containers initContainers volumes hostNetwork hostPID dnsPolicy serviceAccountName automountServiceAccountToken',
    'terminationGracePeriodSeconds nodeSelector affinity securityContext',
    // Containers of a pod have processes of their own here.
    'shareProcessNamespace',
    // Without meaning, because there is no scheduler, no registry and no Service environment:
    'enableServiceLinks imagePullSecrets priorityClassName tolerations restartPolicy topologySpreadConstraints',
  ),
  podSecurity: fields(
    'runAsUser runAsGroup runAsNonRoot fsGroup supplementalGroups',
    // Volumes are new each time; filters of system calls are not simulated.
    'fsGroupChangePolicy seccompProfile',
  ),
  container: fields(
    'name image command args workingDir env ports volumeMounts resources readinessProbe securityContext',
    // Not simulated: probes that restart, pulls, messages of a kubelet.
    'livenessProbe startupProbe imagePullPolicy terminationMessagePolicy',
  ),
  containerSecurity: fields(
    'runAsUser runAsGroup runAsNonRoot readOnlyRootFilesystem capabilities',
    // The sandbox never lets privileges grow.
    'allowPrivilegeEscalation seccompProfile',
  ),
  mount: fields('name mountPath readOnly mountPropagation'),
  volume: fields('name secret configMap emptyDir hostPath'),
  secret: fields('secretName defaultMode'),
  configMap: fields('name defaultMode'),
  emptyDir: fields('medium sizeLimit'),
  hostPath: fields('path type'),
};

/** @throws Error that names the field of a pod which the runtime does not know. */
export function verifyPod(name: string, spec: PodSpec): void {
  refuseUnknown(name, spec, KNOWN.pod);
  refuseUnknown(name, spec.securityContext, KNOWN.podSecurity);
  verifyVolumes(name, spec);
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    const path = `${name}: container ${container.name}`;
    refuseUnknown(path, container, KNOWN.container);
    refuseUnknown(path, container.securityContext, KNOWN.containerSecurity);
    for (const mount of container.volumeMounts ?? []) {
      refuseUnknown(path, mount, KNOWN.mount);
      if (mount.mountPropagation === 'Bidirectional') throw unknown(path, 'mountPropagation Bidirectional');
    }
  }
}

function verifyVolumes(name: string, { volumes = [] }: PodSpec): void {
  for (const volume of volumes) {
    const path = `${name}: volume ${volume.name}`;
    refuseUnknown(path, volume, KNOWN.volume);
    for (const kind of ['secret', 'configMap', 'emptyDir', 'hostPath'] as const) {
      refuseUnknown(path, volume[kind], KNOWN[kind]);
    }
  }
}

function refuseUnknown(path: string, object: object = {}, known: Fields): void {
  const others = Object.keys(object).filter((field) => !known.has(field));
  if (others.length) throw unknown(path, others.join(', '));
}

function unknown(path: string, what: string): Error {
  return new Error(`${path}: the test runtime does not know ${what}: teach it`);
}

function fields(...lines: readonly string[]): Fields {
  return new Set(lines.flatMap((line) => line.split(' ')));
}

import type { PodSpec } from './pod-spec';

type Fields = ReadonlySet<string>;

/**
 * Fields of manifests that the runtime supports. The runtime must not ignore fields silently, so it refuses a manifest
 * with any other field.
 */
const KNOWN = {
  pod: fieldSet(
    'containers initContainers volumes hostNetwork hostPID dnsPolicy serviceAccountName automountServiceAccountToken',
    'terminationGracePeriodSeconds nodeSelector affinity securityContext',
    // Not simulated: containers of a pod cannot see each other's processes here.
    'shareProcessNamespace',
    // Without effect, because there is no scheduler, no registry, and there are no environment variables for Services:
    'enableServiceLinks imagePullSecrets priorityClassName tolerations restartPolicy topologySpreadConstraints',
  ),
  podSecurity: fieldSet(
    'runAsUser runAsGroup runAsNonRoot fsGroup supplementalGroups',
    // Without effect: volumes are new each time, and system calls are not filtered.
    'fsGroupChangePolicy seccompProfile',
  ),
  container: fieldSet(
    'name image command args workingDir env ports volumeMounts resources readinessProbe securityContext',
    // Not simulated: restarts by probes, image pulls, and termination messages.
    'livenessProbe startupProbe imagePullPolicy terminationMessagePolicy',
  ),
  containerSecurity: fieldSet(
    'runAsUser runAsGroup runAsNonRoot readOnlyRootFilesystem capabilities',
    // Without effect: the sandbox never allows privilege escalation.
    'allowPrivilegeEscalation seccompProfile',
  ),
  mount: fieldSet('name mountPath readOnly mountPropagation'),
  volume: fieldSet('name secret configMap emptyDir hostPath'),
  secret: fieldSet('secretName defaultMode'),
  configMap: fieldSet('name defaultMode'),
  emptyDir: fieldSet('medium sizeLimit'),
  hostPath: fieldSet('path type'),
};

/** @throws Error if a pod uses a field that the runtime does not support */
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
      if (mount.mountPropagation === 'Bidirectional')
        throw unsupportedFieldError(path, 'mountPropagation Bidirectional');
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
  if (others.length) throw unsupportedFieldError(path, others.join(', '));
}

function unsupportedFieldError(path: string, what: string): Error {
  return new Error(
    `${path}: the test runtime does not support ${what}: implement it, and add it to test/runtime/known-fields.ts`,
  );
}

function fieldSet(...lines: readonly string[]): Fields {
  return new Set(lines.flatMap((line) => line.split(' ')));
}

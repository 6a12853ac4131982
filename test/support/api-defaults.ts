import type { Manifest } from './manifests';

/**
 * Fields that an API server adds to items of lists, by kind. Argo CD merges most lists of Kubernetes' own kinds by key.
 * It compares other lists, and all lists of unknown kinds, as a whole, so the added field would be a permanent
 * difference. A path consists of the names of maps and lists, and of the field. Sources:
 * https://kubernetes.io/docs/reference/kubernetes-api/, https://gateway-api.sigs.k8s.io/reference/spec/ and
 * https://external-secrets.io/latest/api/spec/.
 */
const FILLED_IN: Readonly<Record<string, readonly string[]>> = {
  // argo-cd#11143
  StatefulSet: [
    'spec.volumeClaimTemplates.apiVersion',
    'spec.volumeClaimTemplates.kind',
    'spec.volumeClaimTemplates.spec.volumeMode',
    'spec.volumeClaimTemplates.status',
    'spec.template.spec.containers.ports.protocol',
  ],
  Deployment: ['spec.template.spec.containers.ports.protocol'],
  DaemonSet: ['spec.template.spec.containers.ports.protocol'],
  Service: ['spec.ports.protocol'],
  NetworkPolicy: ['spec.ingress.ports.protocol', 'spec.egress.ports.protocol'],
  Ingress: ['spec.rules.http.paths.pathType'],
  RoleBinding: ['roleRef.apiGroup'],
  ClusterRoleBinding: ['roleRef.apiGroup'],
  // argo-cd#22151
  HTTPRoute: [
    ...['spec.parentRefs.group', 'spec.parentRefs.kind', 'spec.rules.matches.path.type'],
    ...['spec.rules.backendRefs.group', 'spec.rules.backendRefs.kind', 'spec.rules.backendRefs.weight'],
  ],
  TLSRoute: [
    ...['spec.parentRefs.group', 'spec.parentRefs.kind'],
    ...['spec.rules.backendRefs.group', 'spec.rules.backendRefs.kind', 'spec.rules.backendRefs.weight'],
  ],
  Gateway: [
    ...['spec.listeners.tls.certificateRefs.group', 'spec.listeners.tls.certificateRefs.kind'],
    ...['spec.listeners.tls.mode', 'spec.listeners.allowedRoutes.namespaces.from'],
  ],
  // external-secrets#6797
  ExternalSecret: [
    'spec.data.remoteRef.conversionStrategy',
    'spec.data.remoteRef.decodingStrategy',
    'spec.data.remoteRef.metadataPolicy',
  ],
};

/**
 * Returns the paths of fields that an API server would add to a manifest, and that Argo CD would show as a difference.
 */
export function missingDefaults(manifest: Manifest): string[] {
  return (FILLED_IN[manifest.kind] ?? []).filter((path) => isMissing(manifest, path.split('.')));
}

function isMissing(value: unknown, [field = '', ...rest]: readonly string[]): boolean {
  if (Array.isArray(value)) return value.some((member) => isMissing(member, [field, ...rest]));
  if (typeof value !== 'object' || value === null) return false;
  const inner = (value as Record<string, unknown>)[field];
  if (rest.length === 0) return inner === undefined;
  return isMissing(inner, rest);
}

/**
 * Returns the quantities of a manifest that an API server stores in another form, such as `1024Mi`, which becomes
 * `1Gi`.
 */
export function unusualQuantities(manifest: Manifest): string[] {
  const found: string[] = [];
  JSON.stringify(manifest, (key, value) => {
    if (['requests', 'limits'].includes(key)) found.push(...Object.values<string>(value).filter(isUnusual));
    return value;
  });
  return found;
}

/**
 * Returns whether an API server stores a quantity in another form: Kubernetes uses no fraction, and the largest unit
 * that leaves a whole number.
 */
function isUnusual(quantity: string): boolean {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(String(quantity)) ?? [];
  if (!digits || digits.includes('.')) return true;
  if (unit === 'm') return Number(digits) % 1_000 === 0;
  return /^[KMGT]i$/.test(unit) && Number(digits) % 1_024 === 0;
}

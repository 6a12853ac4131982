import type { k8s } from '../core/k8s';

/** What service discovery and the scrapes of kubelets and API servers need. */
export const discoveryPermissions: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
  { nonResourceUrLs: ['/metrics'], verbs: ['get'] },
];

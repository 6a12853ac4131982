import type { k8s } from '../core/k8s';

/** Permissions for service discovery, and for scraping kubelets and API servers. */
export const discoveryPermissions: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
  { nonResourceUrLs: ['/metrics'], verbs: ['get'] },
];

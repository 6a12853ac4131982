import type { k8s } from '../core/k8s';

/** RBAC rules that allow a scraper to discover nodes, and to scrape kubelets and API servers. */
export const discoveryPermissions: k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
  { nonResourceUrLs: ['/metrics'], verbs: ['get'] },
];

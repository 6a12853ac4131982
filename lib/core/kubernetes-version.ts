import type { Rule } from './validation';

/** Oldest minor version of Kubernetes for which manifests can be synthesized. */
export const OLDEST_KUBERNETES_MINOR = 22;
/** Newest minor version of Kubernetes for which the manifests were validated against the schemas of Kubernetes. */
export const NEWEST_KUBERNETES_MINOR = 36;

/** Validation rule for the Kubernetes version of the cluster. */
export const kubernetesVersion: Rule = {
  allowed: `a version from "1.${OLDEST_KUBERNETES_MINOR}" to "1.${NEWEST_KUBERNETES_MINOR}"`,
  accepts: (value) => {
    const minor = typeof value === 'string' && /^1\.\d\d$/.test(value) ? Number(value.slice(2)) : 0;
    return minor >= OLDEST_KUBERNETES_MINOR && minor <= NEWEST_KUBERNETES_MINOR;
  },
};

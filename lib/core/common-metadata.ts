import { annotations, labels } from './option-rules';
import type { Rule } from './validation';

/** Labels and annotations that are added to all objects and pods. */
export interface CommonMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Pattern for label and annotation keys that users cannot set. The stack sets these keys itself, or programs such as
 * Argo CD read them from the stack's objects.
 */
const RESERVED_KEYS =
  /^(app\.kubernetes\.io\/(name|part-of|version)$|(edge-observability\.io|pod-security\.kubernetes\.io|argocd\.argoproj\.io|cert-manager\.io|kubectl\.kubernetes\.io)\/)/;

const noReservedKeysRule = (rule: Rule): Rule => ({
  allowed: `${rule.allowed}; not the keys app.kubernetes.io/name, app.kubernetes.io/part-of and app.kubernetes.io/version, and no key with the prefix edge-observability.io, pod-security.kubernetes.io, argocd.argoproj.io, cert-manager.io or kubectl.kubernetes.io`,
  accepts: (value) =>
    rule.accepts(value) && !Object.keys(value as object).some((key) => RESERVED_KEYS.test(key)),
});

/** Validation rule for labels that are added to all objects. */
export const commonLabels = noReservedKeysRule(labels);

/** Validation rule for annotations that are added to all objects. */
export const commonAnnotations = noReservedKeysRule(annotations);

/**
 * Adds the common labels and annotations to the metadata of an object or a pod. The object's own values take
 * precedence.
 */
export function addCommonLabelsAndAnnotations<T extends CommonMetadata>(
  metadata: T | undefined,
  common: CommonMetadata,
): T {
  const { labels, annotations } = common;
  return {
    ...metadata,
    ...(labels && { labels: { ...labels, ...metadata?.labels } }),
    ...(annotations && { annotations: { ...annotations, ...metadata?.annotations } }),
  } as T;
}

import { annotations, labels } from './option-rules';
import type { Rule } from './validation';

/** Labels and annotations that all objects and pods have beside their own. */
export interface CommonMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Keys that the stack, and programs that read it, give a meaning. */
const OWN =
  /^(app\.kubernetes\.io\/(name|part-of|version)$|(edge-observability\.io|pod-security\.kubernetes\.io|argocd\.argoproj\.io|cert-manager\.io|kubectl\.kubernetes\.io)\/)/;

const withoutOwn = (rule: Rule): Rule => ({
  allowed:
    `${rule.allowed}; no key that the stack sets itself: app.kubernetes.io/name, /part-of and /version, and those of ` +
    'edge-observability.io, pod-security.kubernetes.io, argocd.argoproj.io, cert-manager.io and kubectl.kubernetes.io',
  accepts: (value) => rule.accepts(value) && !Object.keys(value as object).some((key) => OWN.test(key)),
});

/** Labels for all objects. */
export const commonLabels = withoutOwn(labels);

/** Annotations for all objects. */
export const commonAnnotations = withoutOwn(annotations);

/** The metadata of an object or a pod, with what all of them have. */
export function withCommon<T extends CommonMetadata>(metadata: T | undefined, common: CommonMetadata): T {
  return {
    ...metadata,
    ...merged('labels', metadata, common),
    ...merged('annotations', metadata, common),
  } as T;
}

const merged = (field: keyof CommonMetadata, own: CommonMetadata | undefined, common: CommonMetadata) =>
  common[field] && { [field]: { ...common[field], ...own?.[field] } };

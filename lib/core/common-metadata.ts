import { annotations, labels } from './option-rules';
import type { Rule } from './validation';

/** Labels and annotations that are added to all objects and pods. */
export interface CommonMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Label keys that this stack, or programs that read its objects, already use. */
const OWN =
  /^(app\.kubernetes\.io\/(name|part-of|version)$|(edge-observability\.io|pod-security\.kubernetes\.io|argocd\.argoproj\.io|cert-manager\.io|kubectl\.kubernetes\.io)\/)/;

const withoutReservedKeys = (rule: Rule): Rule => ({
  allowed:
    `${rule.allowed}; no key that the stack sets itself: app.kubernetes.io/name, /part-of and /version, and those of ` +
    'edge-observability.io, pod-security.kubernetes.io, argocd.argoproj.io, cert-manager.io and kubectl.kubernetes.io',
  accepts: (value) => rule.accepts(value) && !Object.keys(value as object).some((key) => OWN.test(key)),
});

/** Rule for labels of all objects. */
export const commonLabels = withoutReservedKeys(labels);

/** Rule for annotations of all objects. */
export const commonAnnotations = withoutReservedKeys(annotations);

/** Merges the common labels and annotations into the metadata of an object or a pod. */
export function withCommonMetadata<T extends CommonMetadata>(
  metadata: T | undefined,
  common: CommonMetadata,
): T {
  return {
    ...metadata,
    ...mergedMetadata('labels', metadata, common),
    ...mergedMetadata('annotations', metadata, common),
  } as T;
}

const mergedMetadata = (
  field: keyof CommonMetadata,
  own: CommonMetadata | undefined,
  common: CommonMetadata,
) => common[field] && { [field]: { ...common[field], ...own?.[field] } };

import { ApiObject, type ApiObjectMetadata, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { addCommonLabelsAndAnnotations, type CommonMetadata } from './common-metadata';
import { Platform } from './platform';
import { argoCdSyncAnnotations } from './sync-waves';

/**
 * Creates a Kubernetes object from the manifest of a typed L1 class. The object gets the common labels and
 * annotations of the platform, also in its pod template, and the Argo CD sync wave if `syncWaves` is set.
 *
 * The result is an `ApiObject` instead of an L1 object, because L1 objects drop some values of JSON patches, such
 * as a plain quantity.
 */
export function createApiObject(scope: Construct, id: string, manifest: Manifest): ApiObject {
  const { syncWaves, commonMetadata } = Platform.of(scope);
  const complete = addCommonMetadataToManifest(manifest, commonMetadata);
  const object = new ApiObject(scope, id, syncWaves ? addArgoCdAnnotationsToManifest(complete) : complete);
  if (scope.node.tryGetContext(TRACE_KEY)) {
    object.node.addMetadata(TRACE_KEY, id, { stackTrace: true, traceFromFunction: createApiObject });
  }
  return object;
}

/**
 * Context key. If it is set, each object stores the stack trace of its creation in a metadata entry, whose type is
 * this key. Stack traces are off by default, because recording a stack trace takes longer than creating the object.
 */
export const TRACE_KEY = 'edge-observability:created';

/** Creates a cluster-scoped object, and removes the namespace that cdk8s adds to every object of a chart. */
export function createClusterScopedObject(scope: Construct, id: string, manifest: Manifest): ApiObject {
  const object = createApiObject(scope, id, manifest);
  if (object.chart.namespace) object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  return object;
}

/**
 * Returns a manifest with the common labels and annotations, also in its pod template. The volume claim templates
 * of a StatefulSet stay unchanged, because they are immutable in the cluster.
 */
function addCommonMetadataToManifest(manifest: Manifest, common: CommonMetadata): Manifest {
  if (!common.labels && !common.annotations) return manifest;
  const complete = { ...manifest, metadata: addCommonLabelsAndAnnotations(manifest.metadata, common) };
  const { spec } = manifest;
  if (!hasPodTemplate(spec)) return complete;
  const { template } = spec;
  return {
    ...complete,
    spec: {
      ...spec,
      template: { ...template, metadata: addCommonLabelsAndAnnotations(template.metadata, common) },
    },
  };
}

function addArgoCdAnnotationsToManifest(manifest: Manifest): Manifest {
  const { kind, metadata } = manifest;
  const annotations = { ...metadata?.annotations, ...argoCdSyncAnnotations(kind) };
  return { ...manifest, metadata: { ...metadata, annotations } };
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: ApiObjectMetadata;
  readonly [field: string]: unknown;
}

/** The specification of a workload with a pod template. */
interface WorkloadSpec {
  readonly template: { readonly metadata?: CommonMetadata; readonly spec: { readonly containers: unknown } };
}

const hasPodTemplate = (spec: unknown): spec is WorkloadSpec =>
  (spec as Partial<WorkloadSpec> | undefined)?.template?.spec?.containers !== undefined;

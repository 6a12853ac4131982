import { ApiObject, type ApiObjectMetadata, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { type CommonMetadata, withCommonMetadata } from './common-metadata';
import { Platform } from './platform';
import { syncAnnotations } from './sync-waves';

/**
 * Creates a Kubernetes object from the manifest of a typed L1 class. It is an ApiObject instead of an L1
 * class, since the classes drop some of what a JSON patch adds, such as a plain quantity. The object gets the
 * platform's common labels and annotations, as its pods do, and the Argo CD sync wave if enabled.
 */
export function apiObject(scope: Construct, id: string, manifest: Manifest): ApiObject {
  const { syncWaves, commonMetadata } = Platform.of(scope);
  const complete = withMetadata(manifest, commonMetadata);
  const object = new ApiObject(scope, id, syncWaves ? withSyncWave(complete) : complete);
  if (scope.node.tryGetContext(TRACED)) {
    object.node.addMetadata(TRACED, id, { stackTrace: true, traceFromFunction: apiObject });
  }
  return object;
}

/**
 * Context key that makes the app record the stack trace of each object's creation, and the metadata type that
 * holds it. Off by default, since traces take longer than creating the objects.
 */
export const TRACED = 'edge-observability:created';

/** Creates a cluster-scoped object, without the namespace that cdk8s adds to every object of a chart. */
export function clusterScopedObject(scope: Construct, id: string, manifest: Manifest): ApiObject {
  const object = apiObject(scope, id, manifest);
  if (object.chart.namespace) object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  return object;
}

/** Volume claim templates of a StatefulSet are excluded, since they are immutable. */
function withMetadata(manifest: Manifest, common: CommonMetadata): Manifest {
  if (!common.labels && !common.annotations) return manifest;
  const complete = { ...manifest, metadata: withCommonMetadata(manifest.metadata, common) };
  const { spec } = manifest;
  if (!runsPods(spec)) return complete;
  const { template } = spec;
  return {
    ...complete,
    spec: { ...spec, template: { ...template, metadata: withCommonMetadata(template.metadata, common) } },
  };
}

function withSyncWave(manifest: Manifest): Manifest {
  const { kind, metadata } = manifest;
  const annotations = { ...metadata?.annotations, ...syncAnnotations(kind) };
  return { ...manifest, metadata: { ...metadata, annotations } };
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: ApiObjectMetadata;
  readonly [field: string]: unknown;
}

/** The fields of a workload that hold its pod template. */
interface WorkloadSpec {
  readonly template: { readonly metadata?: CommonMetadata; readonly spec: { readonly containers: unknown } };
}

const runsPods = (spec: unknown): spec is WorkloadSpec =>
  (spec as Partial<WorkloadSpec> | undefined)?.template?.spec?.containers !== undefined;

import { ApiObject, type ApiObjectMetadata, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { Platform } from './platform';
import { syncAnnotations } from './sync-waves';

/**
 * A Kubernetes object from the manifest of a typed L1 class. The classes themselves filter what a
 * JSON patch adds (a raw quantity becomes nothing); an ApiObject takes any patch. Where the platform says so,
 * it also says when Argo CD applies it.
 */
export function apiObject(scope: Construct, id: string, manifest: Manifest): ApiObject {
  const object = new ApiObject(scope, id, Platform.of(scope).syncWaves ? inWave(manifest) : manifest);
  if (scope.node.tryGetContext(TRACED)) {
    object.node.addMetadata(TRACED, id, { stackTrace: true, traceFromFunction: apiObject });
  }
  return object;
}

/**
 * Key of the context in which an app's objects keep the stack trace of their creation, and type of the metadata that
 * holds it. A trace for each object would cost a synthesis more than the objects themselves, so that none is kept
 * otherwise.
 */
export const TRACED = 'edge-observability:created';

/** A cluster-scoped object: without the namespace that cdk8s stamps on every object of a chart. */
export function clusterScoped(scope: Construct, id: string, manifest: Manifest): ApiObject {
  const object = apiObject(scope, id, manifest);
  if (object.chart.namespace) object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  return object;
}

function inWave(manifest: Manifest): Manifest {
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

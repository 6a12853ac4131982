import { ApiObject, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';

/**
 * A Kubernetes object from the manifest of a typed L1 class. The classes themselves filter what a
 * JSON patch adds (a raw quantity becomes nothing); an ApiObject takes any patch.
 */
export function apiObject(scope: Construct, id: string, manifest: Manifest): ApiObject {
  return new ApiObject(scope, id, manifest);
}

/** A cluster-scoped object: without the namespace that cdk8s stamps on every object of a chart. */
export function clusterScoped(scope: Construct, id: string, manifest: Manifest): ApiObject {
  const object = apiObject(scope, id, manifest);
  if (object.chart.namespace) object.addJsonPatch(JsonPatch.remove('/metadata/namespace'));
  return object;
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

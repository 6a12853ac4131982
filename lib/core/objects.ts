import { ApiObject, type ApiObjectMetadata, JsonPatch } from 'cdk8s';
import type { Construct } from 'constructs';
import { type CommonMetadata, withCommon } from './common-metadata';
import { Platform } from './platform';
import { syncAnnotations } from './sync-waves';

/**
 * A Kubernetes object from the manifest of a typed L1 class. The classes themselves filter what a
 * JSON patch adds (a raw quantity becomes nothing); an ApiObject takes any patch. It gets the platform's labels and annotations, as
 * its pods do, and where the platform says so, the wave in which Argo CD applies it.
 */
export function apiObject(scope: Construct, id: string, manifest: Manifest): ApiObject {
  const { syncWaves, commonMetadata } = Platform.of(scope);
  const complete = withMetadata(manifest, commonMetadata);
  const object = new ApiObject(scope, id, syncWaves ? inWave(complete) : complete);
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

/** Claims of a StatefulSet are left out: they are immutable. */
function withMetadata(manifest: Manifest, common: CommonMetadata): Manifest {
  if (!common.labels && !common.annotations) return manifest;
  const complete = { ...manifest, metadata: withCommon(manifest.metadata, common) };
  const { spec } = manifest;
  if (!runsPods(spec)) return complete;
  const { template } = spec;
  return {
    ...complete,
    spec: { ...spec, template: { ...template, metadata: withCommon(template.metadata, common) } },
  };
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

/** The fields of a workload that its pods are made from. */
interface WorkloadSpec {
  readonly template: { readonly metadata?: CommonMetadata; readonly spec: { readonly containers: unknown } };
}

const runsPods = (spec: unknown): spec is WorkloadSpec =>
  (spec as Partial<WorkloadSpec> | undefined)?.template?.spec?.containers !== undefined;

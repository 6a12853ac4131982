import type { FieldChange } from './field-changes';
import { formatPath } from './paths';

/** An object in a manifest file. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/**
 * Patterns of immutable fields by kind. The pattern for a StatefulSet matches all fields of `spec` except the fields that
 * Kubernetes allows to change.
 */
const IMMUTABLE_FIELDS: Readonly<Record<string, RegExp>> = {
  StatefulSet:
    /^spec\.(?!volumeClaimTemplates\[[^\]]+\]\.status\b)(?!(replicas|template|updateStrategy|minReadySeconds|persistentVolumeClaimRetentionPolicy|ordinals|revisionHistoryLimit)\b)/,
  Deployment: /^spec\.selector\b/,
  DaemonSet: /^spec\.selector\b/,
  ReplicaSet: /^spec\.selector\b/,
  Job: /^spec\.(selector|template|completionMode)\b/,
  Service: /^spec\.clusterIP\b/,
  RoleBinding: /^roleRef\b/,
  ClusterRoleBinding: /^roleRef\b/,
  PersistentVolumeClaim: /^spec\.(?!resources\b)/,
  StorageClass: /^(provisioner|parameters|reclaimPolicy|volumeBindingMode)\b/,
};

/** Fields that determine on which nodes a DaemonSet runs. Kubernetes starts and deletes pods as soon as these fields change. */
const PLACEMENT_FIELDS = /^spec\.template\.spec\.(affinity|nodeSelector|tolerations)\b/;

const PLACEMENT_WARNING =
  'the selection of nodes changes as soon as the manifest is applied, not in steps: pods on nodes that are no longer selected are deleted, and pods on newly selected nodes start; the command "diff --nodes" lists these nodes';

const IDENTITY_FIELDS = /^(apiVersion|kind|metadata\.(name|namespace))$/;

/** Warnings about the consequences of deleting an object, by its kind. */
const DELETION_WARNINGS: Readonly<Record<string, string>> = {
  Namespace: 'deleting this namespace deletes all objects in it, including PersistentVolumeClaims',
  PersistentVolumeClaim:
    'deleting this PersistentVolumeClaim deletes its data, unless the storage class retains volumes',
  StatefulSet:
    'deleting this StatefulSet deletes its pods; its volumes are kept until you delete the PersistentVolumeClaims',
  CustomResourceDefinition: 'deleting this CRD deletes every object of its kind',
};

/**
 * Returns warnings about the effects of a change on a cluster, for the reviewer of the change.
 * @param after the new manifest; undefined if the object was removed
 * @param fields changed fields
 */
export function warningsForChange(
  before: Manifest,
  after: Manifest | undefined,
  fields: readonly FieldChange[],
): string[] {
  const { kind } = before;
  if (!after) return DELETION_WARNINGS[kind] ? [DELETION_WARNINGS[kind]] : [];
  const paths = fields.map(({ path }) => formatPath(path));
  return [
    ...paths
      .filter((path) => IDENTITY_FIELDS.test(path))
      .map(
        (path) =>
          `${path} changes: the command "apply" creates a new object, and the old object remains until "prune" deletes it`,
      ),
    ...paths
      .filter((path) => IMMUTABLE_FIELDS[kind]?.test(path))
      .map((path) => `${path} is immutable: ${recreationRemedy(kind)}`),
    ...abandonedQueueWarnings(before, after),
    ...fewerReplicasWarnings(before, after),
    ...restartWarnings(before, after, paths),
  ];
}

function recreationRemedy(kind: string): string {
  if (['StatefulSet', 'Deployment', 'DaemonSet', 'ReplicaSet'].includes(kind)) {
    return `delete the ${kind} with kubectl delete --cascade=orphan, which keeps its pods, then apply the manifest`;
  }
  return `delete the ${kind}, then apply the manifest`;
}

function restartWarnings({ kind }: Manifest, after: Manifest, paths: readonly string[]): string[] {
  const inTemplate = paths.filter((path) => path.startsWith('spec.template.'));
  if (!inTemplate.length) return [];
  const onlyFiles = inTemplate.every((path) => path.includes('["checksum/'));
  const because = onlyFiles ? ' (its configuration changed)' : '';
  if (kind === 'StatefulSet')
    return [`the change restarts the pods of this StatefulSet, which have volumes${because}`];
  const { updateStrategy } = (after.spec ?? {}) as { updateStrategy?: { type?: string } };
  if (kind !== 'DaemonSet' || updateStrategy?.type !== 'OnDelete') return [];
  const placing = inTemplate.filter((path) => PLACEMENT_FIELDS.test(path));
  return [
    ...(placing.length ? [PLACEMENT_WARNING] : []),
    ...(placing.length < inTemplate.length
      ? [
          `the change takes effect on a node only when the pod is deleted, for example by the command "rollout"${because}`,
        ]
      : []),
  ];
}

/**
 * Returns the URLs to which the vmagent of a workload writes, in the order of its arguments. vmagent has a queue on disk for
 * each URL. The name of the queue contains the URL and the position of the URL in the arguments. Returns an empty list for
 * workloads without such a queue.
 */
function findVmagentRemoteWriteUrls({ spec }: Manifest): string[] {
  const { template } = (spec ?? {}) as {
    template?: { spec?: { containers?: readonly { readonly args?: readonly unknown[] }[] } };
  };
  return (template?.spec?.containers ?? [])
    .map(({ args = [] }) => args.map(String))
    .filter((args) => args.some((arg) => arg.startsWith('-remoteWrite.tmpDataPath=')))
    .flatMap((args) => args.flatMap((arg) => /^-remoteWrite\.url=(.*)$/.exec(arg)?.[1] ?? []));
}

/**
 * Returns a warning for each queue that vmagent would abandon, because the URL of the queue changed or has another position in
 * the arguments.
 */
function abandonedQueueWarnings(before: Manifest, after: Manifest): string[] {
  const urls = findVmagentRemoteWriteUrls(after);
  return findVmagentRemoteWriteUrls(before)
    .filter((url, index) => urls[index] !== url)
    .map(
      (url) =>
        `samples in the queue for ${url} are no longer sent: apply the change when vmagent_remotewrite_pending_data_bytes is 0, see docs/metrics-stores.md#change-the-store`,
    );
}

/** Returns a warning if a StatefulSet gets fewer replicas: Kubernetes keeps the volumes of removed pods, but no pod reads them. */
function fewerReplicasWarnings(before: Manifest, after: Manifest): string[] {
  if (before.kind !== 'StatefulSet') return [];
  const [old, now] = [before, after].map(({ spec }) =>
    Number((spec as { replicas?: number })?.replicas ?? 1),
  );
  if (old === undefined || now === undefined || now >= old) return [];
  const names = Array.from({ length: old - now }, (_, index) => `${before.metadata.name}-${now + index}`);
  return [
    `the change removes the pods ${names.join(', ')}: data that is only on their volumes is not available; the volumes are kept until you delete the PersistentVolumeClaims`,
  ];
}

import type { FieldChange } from './field-changes';
import { formatPath } from './paths';

/** An object as in a manifest file. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** Immutable fields by kind; of a StatefulSet's spec all except for the mutable ones and the status. */
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

/** Fields that determine on which nodes a DaemonSet runs; its controller applies changes immediately. */
const PLACEMENT_FIELDS = /^spec\.template\.spec\.(affinity|nodeSelector|tolerations)\b/;

const PLACEMENT_WARNING =
  'moves pods immediately, without rollout: deletes them on nodes that are no longer selected, and starts them on nodes that ' +
  'are selected now; diff --nodes lists these nodes';

const IDENTITY_FIELDS = /^(apiVersion|kind|metadata\.(name|namespace))$/;

/** What is lost when an object of a kind is deleted. */
const DELETION_WARNINGS: Readonly<Record<string, string>> = {
  Namespace: 'deleting it deletes everything in it, including volumes',
  PersistentVolumeClaim: 'deleting it deletes its data, unless the storage class keeps volumes',
  StatefulSet: 'its pods stop; its volumes are kept until their claims are deleted',
  CustomResourceDefinition: 'deleting it deletes every object of its kind',
};

/** Returns what a reviewer should know before a change is applied to a cluster. */
export function changeWarnings(
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
      .map((path) => `${path}: the old object is kept or pruned, and a new one is created`),
    ...paths
      .filter((path) => IMMUTABLE_FIELDS[kind]?.test(path))
      .map((path) => `${path} cannot be changed: ${replaceRemedy(kind)}`),
    ...restartWarnings(before, after, paths),
  ];
}

function replaceRemedy(kind: string): string {
  if (['StatefulSet', 'Deployment', 'DaemonSet', 'ReplicaSet'].includes(kind)) {
    return `delete the ${kind} with --cascade=orphan, then apply it`;
  }
  return `delete the ${kind}, then apply it`;
}

function restartWarnings({ kind }: Manifest, after: Manifest, paths: readonly string[]): string[] {
  const inTemplate = paths.filter((path) => path.startsWith('spec.template.'));
  if (!inTemplate.length) return [];
  const onlyFiles = inTemplate.every((path) => path.includes('["checksum/'));
  const because = onlyFiles ? ' (its configuration changed)' : '';
  if (kind === 'StatefulSet') return [`restarts the pods of a StatefulSet, which have volumes${because}`];
  const { updateStrategy } = (after.spec ?? {}) as { updateStrategy?: { type?: string } };
  if (kind !== 'DaemonSet' || updateStrategy?.type !== 'OnDelete') return [];
  const placing = inTemplate.filter((path) => PLACEMENT_FIELDS.test(path));
  return [
    ...(placing.length ? [PLACEMENT_WARNING] : []),
    ...(placing.length < inTemplate.length
      ? [`only takes effect on a node when its pod is deleted${because}`]
      : []),
  ];
}

import { type ClusterObject, getObjectIfExists, listObjects } from '../process/kubectl';
import type { Check, CheckContext } from './check';
import { type CheckFinding, okFinding, problemFinding, warningFinding } from './finding';

/** Fraction of a volume that must be free so that vmstorage can merge its files. `doctor` warns below this fraction. */
const FREE_FRACTION_FOR_MERGES = 0.2;

/** Fraction of a volume that must be free so that vmstorage accepts samples. */
const FREE_FRACTION_FOR_SAMPLES = 0.05;

/** Checks the pods and volumes of a VictoriaMetrics cluster. Returns no findings if the manifests are not applied yet. */
export const victoriaMetrics: Check = {
  name: 'VictoriaMetrics cluster',
  run: async (context) => {
    const workload = context.objects.find(
      ({ manifest: { kind, metadata } }) => kind === 'StatefulSet' && metadata.name === 'vmstorage',
    );
    if (!workload) return [];
    const { namespace } = workload.manifest.metadata;
    const found: CheckFinding[] = [];
    for (const [kind, name] of PROGRAMS)
      found.push(...(await checkPodsReady(kind, name, namespace, context)));
    return found.length ? [...found, ...(await checkFreeVolumeSpace(namespace, context))] : [];
  },
};

const PROGRAMS = [
  ['statefulset', 'vmstorage'],
  ['deployment', 'vminsert'],
  ['deployment', 'vmselect'],
] as const;

async function checkPodsReady(
  kind: string,
  name: string,
  namespace: string,
  { kubectl }: CheckContext,
): Promise<CheckFinding[]> {
  const there = await getObjectIfExists(kubectl, 'get', kind, name, '--namespace', namespace);
  // The manifests are not applied yet.
  if (!there) return [];
  const [wanted, ready] = [there.spec.replicas ?? 1, there.status?.readyReplicas ?? 0];
  if (ready >= wanted) return [okFinding(`${ready} pods of ${name} are ready`)];
  const message = `${ready} of ${wanted} pods of ${name} are ready`;
  const remedy = `kubectl -n ${namespace} describe pods -l app.kubernetes.io/name=${name}, see docs/runbooks/VictoriaMetricsDown.md`;
  return [
    name === 'vmstorage' || ready === 0 ? problemFinding(message, remedy) : warningFinding(message, remedy),
  ];
}

/** Checks the free space of vmstorage's volumes. The kubelet of each node reports the free space. */
async function checkFreeVolumeSpace(namespace: string, { kubectl }: CheckContext): Promise<CheckFinding[]> {
  const pods = await listObjects(
    kubectl,
    'pods',
    ...['--namespace', namespace, '--selector', 'app.kubernetes.io/name=vmstorage'],
  );
  const nodes = [...new Set(pods.flatMap(({ spec }) => spec?.nodeName ?? []))];
  const free: { claim: string; freeFraction: number }[] = [];
  for (const node of nodes) {
    const summary: ClusterObject = JSON.parse(
      await kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`),
    );
    free.push(...readFreeSpaceFractions(summary, namespace));
  }
  return free.sort((one, other) => (one.claim < other.claim ? -1 : 1)).map(findingForFreeSpaceOfVolume);
}

function readFreeSpaceFractions(
  { pods = [] }: ClusterObject,
  namespace: string,
): { claim: string; freeFraction: number }[] {
  return pods
    .flatMap(({ volume = [] }: ClusterObject) => volume)
    .filter(
      ({ pvcRef }: ClusterObject) =>
        pvcRef?.namespace === namespace && pvcRef.name.startsWith('data-vmstorage-'),
    )
    .map(({ pvcRef, availableBytes, capacityBytes }: ClusterObject) => ({
      claim: pvcRef.name,
      freeFraction: availableBytes / capacityBytes,
    }));
}

function findingForFreeSpaceOfVolume({
  claim,
  freeFraction,
}: {
  claim: string;
  freeFraction: number;
}): CheckFinding {
  const message = `${Math.floor(freeFraction * 100)} % of the volume ${claim} is free`;
  if (freeFraction >= FREE_FRACTION_FOR_MERGES) return okFinding(message);
  const remedy =
    'increase storage or storageNodes of victoriaMetricsCluster(), or reduce retention.metrics, see docs/runbooks/VictoriaMetricsReadOnly.md';
  return freeFraction < FREE_FRACTION_FOR_SAMPLES
    ? problemFinding(`${message}: vmstorage accepts no samples if less than 5 % is free`, remedy)
    : warningFinding(message, remedy);
}

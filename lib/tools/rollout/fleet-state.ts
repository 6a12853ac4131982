import { isNodeOrPodReady, type Kubectl, listObjects } from '../process/kubectl';

/** Namespace and name of a DaemonSet. */
export interface DaemonSetName {
  readonly namespace: string;
  readonly name: string;
}

/** A pod of an edge DaemonSet. */
export interface EdgePod extends DaemonSetName {
  readonly daemonSet: string;
  readonly node: string;
  /** Whether the pod was created from the latest template of the DaemonSet. */
  readonly isCurrent: boolean;
  /** Whether the pod is ready, is not being deleted, and none of its containers has restarted. */
  readonly isStable: boolean;
}

/** State of a fleet at a point in time: the connected nodes, and the pods of the DaemonSets of a rollout. */
export interface FleetState {
  /** Names of the nodes that are ready, that is, connected to the API server. */
  readonly online: ReadonlySet<string>;
  readonly pods: readonly EdgePod[];
}

interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly revision?: number;
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

const REVISION_HASH_LABEL = 'controller-revision-hash';

/**
 * Reads the state of a fleet from the cluster: which nodes are connected, and the pods of the given DaemonSets on connected and
 * disconnected nodes.
 * @param nodeSelector label selector of the nodes to read; if it is undefined, all nodes are read
 * @throws Error when a DaemonSet does not exist, or when the DaemonSet controller has not processed the latest
 * template yet.
 */
export async function readFleetState(
  kubectl: Kubectl,
  daemonSets: readonly DaemonSetName[],
  nodeSelector?: string,
): Promise<FleetState> {
  const nodes = await listObjects<KubernetesObject>(
    kubectl,
    'nodes',
    ...(nodeSelector ? ['--selector', nodeSelector] : []),
  );
  const names = new Set(nodes.map(({ metadata }) => metadata.name));
  const pods: EdgePod[] = [];
  for (const namespace of new Set(daemonSets.map((one) => one.namespace))) {
    const members = daemonSets.filter((one) => one.namespace === namespace).map(({ name }) => name);
    pods.push(...(await readEdgePods(kubectl, namespace, members)).filter(({ node }) => names.has(node)));
  }
  return { online: new Set(nodes.filter(isNodeOrPodReady).map(({ metadata }) => metadata.name)), pods };
}

/** Reads the names of the nodes that match a label selector. */
export async function readNodeNames(kubectl: Kubectl, selector: string): Promise<ReadonlySet<string>> {
  const nodes = await listObjects<KubernetesObject>(kubectl, 'nodes', '--selector', selector);
  return new Set(nodes.map(({ metadata }) => metadata.name));
}

async function readEdgePods(
  kubectl: Kubectl,
  namespace: string,
  daemonSets: readonly string[],
): Promise<EdgePod[]> {
  const hashes = await readLatestTemplateHashes(kubectl, namespace, daemonSets);
  const pods = await listObjects<KubernetesObject>(kubectl, 'pods', '--namespace', namespace);
  return pods.flatMap((pod) => {
    const daemonSet = nameOfOwningDaemonSet(pod);
    const node = pod.spec?.nodeName;
    if (!daemonSet || !node || !hashes.has(daemonSet)) return [];
    const isCurrent = pod.metadata.labels?.[REVISION_HASH_LABEL] === hashes.get(daemonSet);
    const isStable = isNodeOrPodReady(pod) && !pod.metadata.deletionTimestamp && restartCountOfPod(pod) === 0;
    return [{ namespace, name: pod.metadata.name, daemonSet, node, isCurrent, isStable }];
  });
}

/** Reads the hash of each DaemonSet's latest template. Pods from this template have the hash in `REVISION_HASH_LABEL`. */
async function readLatestTemplateHashes(
  kubectl: Kubectl,
  namespace: string,
  daemonSets: readonly string[],
): Promise<ReadonlyMap<string, string | undefined>> {
  const existing = await listObjects<KubernetesObject>(kubectl, 'daemonsets', '--namespace', namespace);
  const revisions = await listObjects<KubernetesObject>(
    kubectl,
    'controllerrevisions',
    '--namespace',
    namespace,
  );
  for (const name of daemonSets) {
    const one = existing.find(({ metadata }) => metadata.name === name);
    if (!one)
      throw new Error(
        `DaemonSet ${namespace}/${name} does not exist in the cluster: apply the manifests first`,
      );
    if ((one.status?.observedGeneration ?? 0) < (one.metadata.generation ?? 0)) {
      throw new Error(
        `Kubernetes has not processed the latest version of DaemonSet ${namespace}/${name} yet: run the command again in a moment`,
      );
    }
  }
  const newestRevisionHash = (name: string) =>
    revisions
      .filter((revision) => nameOfOwningDaemonSet(revision) === name)
      .sort((one, other) => (other.revision ?? 0) - (one.revision ?? 0))
      .at(0)?.metadata.labels?.[REVISION_HASH_LABEL];
  return new Map(daemonSets.map((name) => [name, newestRevisionHash(name)]));
}

const nameOfOwningDaemonSet = ({ metadata }: KubernetesObject): string | undefined =>
  metadata.ownerReferences?.find(({ kind }) => kind === 'DaemonSet')?.name;

const restartCountOfPod = ({ status }: KubernetesObject): number =>
  (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);

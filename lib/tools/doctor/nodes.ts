import { ARCHITECTURE_LABEL, ARCHITECTURES, EDGE_LABEL, NODE_GROUP_LABEL } from '../../core/placement';
import { type ClusterObject, isNodeOrPodReady, listObjects } from '../process/kubectl';
import { isEdgeWorkload } from '../synthesis/edge-nodes';
import type { RenderedObject } from '../synthesis/render';
import { abbreviateList, type Check, uniqueSorted } from './check';
import { type CheckFinding, okFinding, problemFinding, warningFinding } from './finding';

/** Checks whether edge nodes are connected, have the labels that DaemonSets select, and can run the pods. */
export const edgeNodes: Check = {
  name: 'edge nodes',
  run: async ({ kubectl, objects }) => {
    const nodes = await listObjects(kubectl, 'nodes');
    const edge = nodes.filter(isEdgeNode);
    const daemonSets = objects.filter(
      (object) => object.manifest.kind === 'DaemonSet' && isEdgeWorkload(object),
    );
    return [
      ...checkKubeEdgeNodesHaveEdgeLabel(nodes),
      ...(edge.length ? [checkNodesConnected(edge)] : [noEdgeNodeFinding]),
      ...(edge.length && edge.length === nodes.length ? [noCloudNodeFinding] : []),
      ...checkNodeSelectorLabelsExist(edge, daemonSets),
      ...checkTaintsTolerated(edge, daemonSets),
      ...checkArchitectures(edge),
      ...checkContainerRuntimes(edge),
      ...checkMinimumKubeEdgeVersion(edge),
    ];
  },
};

const nodeName = ({ metadata }: ClusterObject): string => metadata.name;
const formatNodeNames = (nodes: readonly ClusterObject[]): string =>
  abbreviateList(nodes.map(nodeName).sort());
const isEdgeNode = ({ metadata }: ClusterObject): boolean => metadata.labels?.[EDGE_LABEL] !== undefined;
const kubeletVersion = ({ status }: ClusterObject): string => status?.nodeInfo?.kubeletVersion ?? '';

const noEdgeNodeFinding = problemFinding(
  `no node has the label ${EDGE_LABEL}`,
  `join edge nodes with keadm join; to try the stack on another node: kubectl label node NAME ${EDGE_LABEL}=`,
);

const noCloudNodeFinding = problemFinding(
  `every node has the label ${EDGE_LABEL}, so cloud components cannot run`,
  `add a node without this label, or remove the label from a node: kubectl label node NAME ${EDGE_LABEL}-`,
);

function checkKubeEdgeNodesHaveEdgeLabel(nodes: readonly ClusterObject[]): CheckFinding[] {
  const lost = nodes.filter((node) => kubeletVersion(node).includes('kubeedge') && !isEdgeNode(node));
  if (!lost.length) return [];
  return [
    problemFinding(
      `nodes that run KubeEdge do not have the label ${EDGE_LABEL}: ${formatNodeNames(lost)}`,
      `kubectl label node NAME ${EDGE_LABEL}=`,
    ),
  ];
}

function checkNodesConnected(edge: readonly ClusterObject[]): CheckFinding {
  const away = edge.filter((node) => !isNodeOrPodReady(node));
  if (!away.length) return okFinding(`${edge.length} edge nodes, all connected`);
  return warningFinding(
    `${away.length} of ${edge.length} edge nodes are not connected: ${formatNodeNames(away)}`,
    'nodes get their pods when they connect again; if a node should be connected, check EdgeCore and the uplink of the node',
  );
}

/** Reports labels that a DaemonSet selects and that no edge node has, such as the label of a node group. */
function checkNodeSelectorLabelsExist(
  edge: readonly ClusterObject[],
  daemonSets: readonly RenderedObject[],
): CheckFinding[] {
  const chosen = daemonSets.flatMap(({ manifest }) =>
    Object.entries(manifest.spec.template.spec.nodeSelector ?? {}),
  );
  const nowhere = chosen.filter(([key, value]) =>
    edge.every(({ metadata }) => metadata.labels?.[key] !== value),
  );
  return uniqueSorted(nowhere.map((label) => label.join('='))).map((label) =>
    warningFinding(
      `no edge node has the label ${label}, which DaemonSets select`,
      label.startsWith(NODE_GROUP_LABEL)
        ? `add nodes to the NodeGroup ${label.slice(NODE_GROUP_LABEL.length + 1)}, see docs/fleets.md`
        : `kubectl label node NAME ${label}`,
    ),
  );
}

/**
 * Reports taints of edge nodes that no edge DaemonSet tolerates. Ignores `PreferNoSchedule` and taints of Kubernetes, such as
 * `node.kubernetes.io/not-ready`.
 */
function checkTaintsTolerated(
  edge: readonly ClusterObject[],
  daemonSets: readonly RenderedObject[],
): CheckFinding[] {
  const tolerations = daemonSets.flatMap(({ manifest }) => manifest.spec.template.spec.tolerations ?? []);
  const taints = edge.flatMap((node) =>
    (node.spec?.taints ?? [])
      .filter(
        ({ key, effect }: ClusterObject) =>
          effect !== 'PreferNoSchedule' && !/^node\.kubernetes\.io\//.test(key),
      )
      .filter((taint: ClusterObject) => !tolerations.some((toleration) => toleratesTaint(toleration, taint)))
      .map(({ key, value = '', effect }: ClusterObject) => ({ node, taint: `${key}=${value}:${effect}` })),
  );
  return uniqueSorted(taints.map(({ taint }) => taint)).map((taint) =>
    problemFinding(
      `no edge pod tolerates the taint ${taint} of ${formatNodeNames(taints.filter((one) => one.taint === taint).map(({ node }) => node))}`,
      `remove this taint, or use the taint ${EDGE_LABEL}:NoSchedule instead, which edge pods tolerate`,
    ),
  );
}

function toleratesTaint(toleration: ClusterObject, taint: ClusterObject): boolean {
  const { key, operator = 'Equal', value = '', effect } = toleration;
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key === undefined) return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''));
}

function checkArchitectures(edge: readonly ClusterObject[]): CheckFinding[] {
  const architectureOf = (node: ClusterObject): string =>
    node.metadata.labels?.[ARCHITECTURE_LABEL] ?? 'none';
  const hasSupportedArchitecture = (node: ClusterObject) =>
    ARCHITECTURES.some((one) => one === architectureOf(node));
  const strange = edge.filter((node) => !hasSupportedArchitecture(node));
  const known = edge.filter(hasSupportedArchitecture);
  return [
    ...(known.length
      ? [okFinding(`architectures: ${formatNodeCountsByValue(known.map(architectureOf))}`)]
      : []),
    ...(strange.length
      ? [
          problemFinding(
            `no image supports the architecture ${uniqueSorted(strange.map(architectureOf)).join(', ')} (label ${ARCHITECTURE_LABEL}) of these nodes: ${formatNodeNames(strange)}`,
            `the images support ${ARCHITECTURES.join(', ')}: build images for the architecture of these nodes, and set the images in images.overrides`,
          ),
        ]
      : []),
  ];
}

function checkContainerRuntimes(edge: readonly ClusterObject[]): CheckFinding[] {
  const containerRuntimeOf = ({ status }: ClusterObject): string =>
    status?.nodeInfo?.containerRuntimeVersion ?? 'unknown';
  const old = edge.filter((node) => is32BitArmNodeWithOldDocker(node, containerRuntimeOf(node)));
  return [
    ...(edge.length
      ? [
          okFinding(
            `container runtimes: ${formatNodeCountsByValue(edge.map((node) => containerRuntimeOf(node).split(':')[0] ?? ''))}`,
          ),
        ]
      : []),
    ...(old.length
      ? [
          problemFinding(
            `the Docker version of these nodes is older than 19.03.9 and cannot run current 32-bit images: ${formatNodeNames(old)}`,
            'update Docker and libseccomp (to 2.4.2 or newer) on these nodes',
          ),
        ]
      : []),
  ];
}

/**
 * Returns whether a node is a 32-bit ARM node with Docker before 19.03.9. These versions of Docker cannot run current
 * 32-bit images, because their seccomp profile blocks the system calls with which 32-bit programs read the time.
 */
function is32BitArmNodeWithOldDocker({ metadata }: ClusterObject, runtime: string): boolean {
  const [, version] = /^docker:\/\/(\d+\.\d+\.\d+)/.exec(runtime) ?? [];
  return (
    metadata.labels?.[ARCHITECTURE_LABEL] === 'arm' &&
    version !== undefined &&
    isOlderVersion(version, '19.3.9')
  );
}

/** Reports the KubeEdge versions of nodes, and nodes whose version is older than the oldest tested version. */
function checkMinimumKubeEdgeVersion(edge: readonly ClusterObject[]): CheckFinding[] {
  const kubeEdgeVersionOf = (node: ClusterObject): string | undefined =>
    /kubeedge-v(\d+\.\d+\.\d+)/.exec(kubeletVersion(node))?.[1];
  const known = edge.flatMap((node) => kubeEdgeVersionOf(node) ?? []);
  const old = edge.filter((node) => isOlderVersion(kubeEdgeVersionOf(node) ?? '1.8.1', '1.8.1'));
  return [
    ...(known.length ? [okFinding(`KubeEdge: ${formatNodeCountsByValue(known)}`)] : []),
    ...(old.length
      ? [
          problemFinding(
            `these nodes run KubeEdge before 1.8.1, which was not tested: ${formatNodeNames(old)}`,
            'update KubeEdge on these nodes with keadm',
          ),
        ]
      : []),
  ];
}

function isOlderVersion(version: string, other: string): boolean {
  const [one, two] = [version, other].map((text) => text.split('.').map(Number));
  const at = (one ?? []).findIndex((part, index) => part !== two?.[index]);
  return at >= 0 && (one?.[at] ?? 0) < (two?.[at] ?? 0);
}

/** Formats the number of nodes with each value, such as `amd64 on 2, arm64 on 5`. */
const formatNodeCountsByValue = (values: readonly string[]): string =>
  uniqueSorted(values)
    .map((value) => `${value} on ${values.filter((one) => one === value).length}`)
    .join(', ');

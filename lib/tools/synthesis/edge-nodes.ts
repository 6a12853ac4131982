import { ARCHITECTURE_LABEL, ARCHITECTURES, EDGE_LABEL, type NodeRequirements } from '../../core/placement';
import { groupBy } from './group-by';
import type { RenderedObject } from './render';

type Labels = Readonly<Record<string, string>>;

/** A type of edge nodes: nodes with the same labels that run the same DaemonSets. */
export interface EdgeNodeType {
  /**
   * Labels of the nodes, from the node selector of a DaemonSet. Nodes that no node selector matches have an empty
   * object.
   */
  readonly labels: Labels;
  readonly architectures: readonly string[];
  readonly daemonSets: readonly RenderedObject[];
}

/** DaemonSets with the same node selector. */
interface Selection {
  readonly labels: Labels;
  readonly daemonSets: readonly RenderedObject[];
}

/**
 * Returns the types of edge nodes: one type for each different node selector of the DaemonSets, and one type for nodes
 * that no node selector matches. A type is split by architecture if the DaemonSets differ between architectures.
 */
export function deriveEdgeNodeTypesFromDaemonSets(daemonSets: readonly RenderedObject[]): EdgeNodeType[] {
  const selections = [...groupBy(daemonSets, (one) => JSON.stringify(nodeSelectorOfWorkload(one)))].map(
    ([, members]): Selection => ({ labels: nodeSelectorOfWorkload(members[0]), daemonSets: members }),
  );
  const plain = { labels: {}, daemonSets: [] };
  return [plain, ...selections.filter(({ labels }) => Object.keys(labels).length > 0)].flatMap(({ labels }) =>
    createNodeTypesForLabels(
      labels,
      selections
        .filter((other) => areLabelsSubset(other.labels, labels))
        .flatMap((other) => other.daemonSets)
        .sort((one, other) => (one.file < other.file ? -1 : 1)),
    ),
  );
}

/**
 * Returns the types of the nodes with the labels `labels`. Architectures that run the same DaemonSets belong to one
 * type.
 * @param candidates DaemonSets with a node selector that matches the labels
 */
function createNodeTypesForLabels(labels: Labels, candidates: readonly RenderedObject[]): EdgeNodeType[] {
  const { [ARCHITECTURE_LABEL]: only } = labels;
  const possible = ARCHITECTURES.filter((one) => only === undefined || one === only);
  const runs = possible.map((architecture) => {
    const node = { ...labels, [EDGE_LABEL]: '', [ARCHITECTURE_LABEL]: architecture };
    return {
      architecture,
      labels,
      daemonSets: candidates.filter((one) => matchesNodeAffinity(one, node)),
    };
  });
  return [...groupBy(runs, (run) => run.daemonSets.map(({ file }) => file).join())].flatMap(
    ([, [first, ...more]]) =>
      first && first.daemonSets.length > 0
        ? [{ ...first, architectures: [first, ...more].map(({ architecture }) => architecture) }]
        : [],
  );
}

const areLabelsSubset = (part: Labels, of: Labels): boolean =>
  Object.entries(part).every(([key, value]) => of[key] === value);

/** Returns whether the node selector and the node affinity of a workload match the labels of a node. */
export function isNodeSelectedByWorkload(
  workload: Pick<RenderedObject, 'manifest'>,
  labels: Labels,
): boolean {
  return (
    areLabelsSubset(nodeSelectorOfWorkload(workload), labels) &&
    (!nodeSelectorTerms(workload).length || matchesNodeAffinity(workload, labels))
  );
}

/** Returns whether the node affinity of a workload matches the labels of a node. Returns false without a node affinity. */
function matchesNodeAffinity(daemonSet: Pick<RenderedObject, 'manifest'>, labels: Labels): boolean {
  return nodeSelectorTerms(daemonSet).some((requirements) =>
    requirements.every((one) => doLabelsMatchRequirement(one, labels)),
  );
}

/** Returns whether the value of a label is an integer. `Gt` and `Lt` match no other values. */
const isInteger = (label: string | undefined): boolean => /^[+-]?\d+$/.test(label ?? '');

function doLabelsMatchRequirement(
  { key, operator, values = [] }: NodeRequirements[number],
  labels: Labels,
): boolean {
  const label = labels[key];
  switch (operator) {
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Gt':
      return isInteger(label) && Number(label) > Number(values[0]);
    case 'Lt':
      return isInteger(label) && Number(label) < Number(values[0]);
    default:
      throw new Error(
        `the node affinity has the operator "${operator}"; allowed: Exists, DoesNotExist, In, NotIn, Gt, Lt`,
      );
  }
}

/** Returns whether a workload runs on edge nodes: its node affinity requires the label of edge nodes. */
export function isEdgeWorkload(object: Pick<RenderedObject, 'manifest'>): boolean {
  return nodeSelectorTerms(object).some((requirements) =>
    requirements.some(({ key, operator }) => key === EDGE_LABEL && operator === 'Exists'),
  );
}

/** Returns the node selector terms in the node affinity of a workload. A node must match at least one term. */
function nodeSelectorTerms({ manifest }: Pick<RenderedObject, 'manifest'>): NodeRequirements[] {
  const { nodeAffinity } = manifest.spec?.template?.spec?.affinity ?? {};
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.map(({ matchExpressions = [] }: { matchExpressions?: NodeRequirements }) => matchExpressions);
}

const nodeSelectorOfWorkload = (object: Pick<RenderedObject, 'manifest'> | undefined): Labels =>
  object?.manifest.spec.template.spec.nodeSelector ?? {};

import { ARCHITECTURE_LABEL, ARCHITECTURES, EDGE_LABEL, type NodeRequirements } from '../core/placement';
import { groupedBy } from './grouped-by';
import type { RenderedObject } from './render';

/** What runs on the edge nodes of one or more architectures. */
export interface EdgeNodes {
  readonly architectures: readonly string[];
  readonly daemonSets: readonly RenderedObject[];
}

/** Architectures that run the same are one kind. */
export function kindsOfNodes(daemonSets: readonly RenderedObject[]): EdgeNodes[] {
  const runs = ARCHITECTURES.map((architecture) => ({
    architecture,
    daemonSets: daemonSets.filter((one) => runsOn(one, architecture)),
  }));
  return [...groupedBy(runs, (run) => run.daemonSets.map(({ file }) => file).join())].flatMap(
    ([, [first, ...more]]) =>
      first && first.daemonSets.length > 0
        ? [{ ...first, architectures: [first, ...more].map(({ architecture }) => architecture) }]
        : [],
  );
}

/** Whether an ordinary node of the architecture runs it: one without labels that only some carry. */
function runsOn(daemonSet: RenderedObject, architecture: string): boolean {
  return nodeTerms(daemonSet).some((requirements) =>
    requirements.every(
      ({ key, operator, values = [] }) =>
        operator !== 'In' || (key === ARCHITECTURE_LABEL && values.includes(architecture)),
    ),
  );
}

/** Whether a workload is for edge nodes. */
export function isOnEdge(object: Pick<RenderedObject, 'manifest'>): boolean {
  return nodeTerms(object).some((requirements) =>
    requirements.some(({ key, operator }) => key === EDGE_LABEL && operator === 'Exists'),
  );
}

/** The sets of requirements of which a node must meet one. */
function nodeTerms({ manifest }: Pick<RenderedObject, 'manifest'>): NodeRequirements[] {
  const { nodeAffinity } = manifest.spec?.template?.spec?.affinity ?? {};
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.map(({ matchExpressions = [] }: { matchExpressions?: NodeRequirements }) => matchExpressions);
}

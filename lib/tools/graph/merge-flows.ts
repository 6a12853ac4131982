import { groupBy } from '../synthesis/group-by';
import type { Flow } from './flow-graph';
import { SCRAPE_LABEL } from './mentions';

/** Label of flows whose protocol is unknown. */
const UNKNOWN_LABEL = 'requests';

/**
 * Merges flows between the same two nodes of the graph, and joins their labels. Omits the label `scraped samples` if
 * the merged flow also has other labels.
 */
export function mergeFlows(flows: readonly Flow[]): Flow[] {
  return [...groupBy(flows, ({ from, to }) => `${from} ${to}`)].flatMap(([, same]) => {
    const labels = [...new Set(same.map(({ label }) => label))].filter(Boolean);
    const more = labels.filter((label) => label !== SCRAPE_LABEL);
    const [first] = same;
    const label = (more.length ? more : labels).join(', ') || UNKNOWN_LABEL;
    return first ? [{ from: first.from, to: first.to, label }] : [];
  });
}

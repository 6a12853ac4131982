import type { Resources } from '../../core/pods';
import { MEBI, roundUpCpu, roundUpMemory } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { countSamplesPerSecondOfGroups, countSeriesOfGroups, sumBy } from '../../fleet/node-requests';
import { formatBytes, type Sizing } from '../../fleet/sizing';

/**
 * Coefficients for the sizes of the vmagent that scrapes targets for a store, and of the vmalerts that evaluate rules.
 * `npm run bench:stores` measured them on a busy machine, so the CPU coefficients are multiples of Prometheus's
 * coefficients.
 */
export const EVALUATION = {
  /** Memory of vmagent without edge nodes, in bytes. */
  scraperBytes: 64 * MEBI,
  /** Memory of vmagent in bytes for each series that it scrapes from a Pushgateway: 910 were measured. */
  scraperBytesPerSeries: 1_000,
  /** CPU seconds of vmagent for each sample that it scrapes from a Pushgateway: 0.33 times Prometheus's coefficient. */
  scraperSecondsPerSample: 2e-6,
  /** Memory of vmalert without edge nodes, in bytes. */
  rulesBytes: 24 * MEBI,
  /**
   * Memory of vmalert for each edge node, in bytes. The memory holds the query results of the rules that vmalert
   * evaluates at the same time.
   */
  rulesBytesPerNode: 40_000,
  /** CPU cores of vmalert for each edge node, for all rules of this project: 0.2 times Prometheus's coefficient. */
  rulesCoresPerNode: 12e-6,
} as const;

/** Planned resources of the vmagent and the two vmalerts of a store that does not scrape targets. */
export interface EvaluationPlan {
  /**
   * CPU cores, and memory in bytes, of the vmagent (`scraper`) and of each vmalert (`rules`). All numbers are 0 if the
   * store is a Prometheus. The numbers of `rules` are also 0 if the store's own ruler evaluates the rules.
   */
  readonly evaluation: {
    readonly scraper: { readonly cores: number; readonly memory: number };
    readonly rules: { readonly cores: number; readonly memory: number };
  };
}

/** Sizes of the vmagent and of each vmalert, computed for the fleet. */
export interface EvaluationSizes {
  readonly evaluation?: { readonly scraper: Resources; readonly rules?: Resources };
}

const NO_NEEDS = { cores: 0, memory: 0 };

/**
 * Computes the CPU cores and memory of the vmagent and of each vmalert for a fleet. The size of the vmagent depends
 * only on the edge nodes that push to a Pushgateway, because the vmagent scrapes the Pushgateway. The metrics gateway
 * writes the samples of all other edge nodes directly to the store.
 */
function computeScraperAndRuleEvaluatorNeeds({ groups, store }: Fleet): EvaluationPlan['evaluation'] {
  if (store?.kind !== 'remote' && store?.kind !== 'victoria-metrics') {
    return { scraper: NO_NEEDS, rules: NO_NEEDS };
  }
  const pushed = groups.filter(({ transport }) => transport === 'pushgateway');
  const nodes = sumBy(groups, (group) => group.nodes);
  return {
    scraper: {
      cores: countSamplesPerSecondOfGroups(pushed) * EVALUATION.scraperSecondsPerSample,
      memory: EVALUATION.scraperBytes + countSeriesOfGroups(pushed) * EVALUATION.scraperBytesPerSeries,
    },
    rules:
      store.rules === 'elsewhere'
        ? NO_NEEDS
        : {
            cores: nodes * EVALUATION.rulesCoresPerNode,
            memory: EVALUATION.rulesBytes + nodes * EVALUATION.rulesBytesPerNode,
          },
  };
}

/** Plans the resources of the vmagent and the two vmalerts for a fleet. */
export const evaluationSizing: Sizing<EvaluationPlan, EvaluationSizes> = {
  needs: (fleet) => ({ evaluation: computeScraperAndRuleEvaluatorNeeds(fleet) }),
  rows: ({ evaluation: { scraper, rules } }) => [
    ...rowsAboutProgramInPlanTable('vmagent of the cloud', '', scraper),
    ...rowsAboutProgramInPlanTable('vmalert', ' of each of two', rules),
  ],
  sizes: ({ evaluation: { scraper, rules } }) =>
    scraper.memory
      ? {
          evaluation: {
            scraper: resourcesFromEstimatedUsage(scraper),
            ...(rules.memory && { rules: resourcesFromEstimatedUsage(rules) }),
          },
        }
      : {},
};

/**
 * Returns the rows about a program in the table of planned resources; an empty list if the program does not run.
 * @param name name of the program
 * @param each end of the row names, such as ` of each of two`; empty for a program with one replica
 */
const rowsAboutProgramInPlanTable = (
  name: string,
  each: string,
  needs: typeof NO_NEEDS,
): [string, string][] =>
  needs.memory
    ? [
        [`${name}: cores${each}`, needs.cores.toFixed(2)],
        [`${name}: memory${each}`, formatBytes(needs.memory)],
      ]
    : [];

/**
 * Returns resources for an estimated usage. The CPU request is above the usage. The memory request is equal to the
 * usage (at least 128 MiB), and the memory limit is twice the usage (at least 512 MiB).
 */
const resourcesFromEstimatedUsage = ({
  cores,
  memory: used,
}: {
  cores: number;
  memory: number;
}): Resources => ({
  cpu: roundUpCpu(cores * HEADROOM),
  memory: roundUpMemory(Math.max(used, 128 * MEBI)),
  memoryLimit: roundUpMemory(Math.max(used * 2, 512 * MEBI)),
});

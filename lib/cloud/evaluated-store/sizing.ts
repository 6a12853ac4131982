import type { Resources } from '../../core/pods';
import { MEBI, roundUpCpu, roundUpMemory } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { countSeriesOfGroups, samplesPerSecond, sumBy } from '../../fleet/node-requests';
import { formatSize, type Sizing } from '../../fleet/sizing';

/**
 * Coefficients for the sizes of the vmagent and the vmalerts of a store, measured by `npm run bench:stores` on
 * a busy machine. CPU is stated as a multiple of the coefficients of Prometheus.
 */
export const EVALUATION = {
  /** Memory of vmagent without edge nodes, in bytes. */
  scraperBytes: 64 * MEBI,
  /** Memory of vmagent for each series that it scrapes from a Pushgateway, in bytes: 910. */
  scraperBytesPerSeries: 1_000,
  /** CPU seconds of vmagent for each sample that it scrapes from a Pushgateway: 0.33 times those of Prometheus. */
  scraperSecondsPerSample: 2e-6,
  /** Memory of vmalert without edge nodes, in bytes. */
  rulesBytes: 24 * MEBI,
  /**
   * Memory of vmalert for each edge node, in bytes: query results of rules that are evaluated at the same
   * time.
   */
  rulesBytesPerNode: 40_000,
  /** CPU cores of vmalert for each edge node, for all rules of this project: 0.2 times those of Prometheus. */
  rulesCoresPerNode: 12e-6,
} as const;

/**
 * Planned resources of the vmagent and the vmalerts of a store that neither scrapes targets nor evaluates
 * rules.
 */
export interface EvaluationPlan {
  /**
   * Cores and memory in bytes of the vmagent (`scraper`), and of each of the two vmalerts (`rules`). All are
   * 0 if Prometheus is the store.
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

const NOTHING = { cores: 0, memory: 0 };

/**
 * Computes the needs for a fleet. The vmagent only scrapes the samples of nodes that push to a Pushgateway;
 * the metrics gateway writes the samples of all other nodes.
 */
function evaluationNeeds({ groups, store }: Fleet): EvaluationPlan['evaluation'] {
  if (store?.kind !== 'remote' && store?.kind !== 'victoria-metrics') {
    return { scraper: NOTHING, rules: NOTHING };
  }
  const pushed = groups.filter(({ transport }) => transport === 'pushgateway');
  const nodes = sumBy(groups, (group) => group.nodes);
  return {
    scraper: {
      cores: samplesPerSecond(pushed) * EVALUATION.scraperSecondsPerSample,
      memory: EVALUATION.scraperBytes + countSeriesOfGroups(pushed) * EVALUATION.scraperBytesPerSeries,
    },
    rules:
      store.rules === 'elsewhere'
        ? NOTHING
        : {
            cores: nodes * EVALUATION.rulesCoresPerNode,
            memory: EVALUATION.rulesBytes + nodes * EVALUATION.rulesBytesPerNode,
          },
  };
}

/** Computes the sizes of the vmagent and the two vmalerts for a fleet. */
export const evaluationSizing: Sizing<EvaluationPlan, EvaluationSizes> = {
  needs: (fleet) => ({ evaluation: evaluationNeeds(fleet) }),
  rows: ({ evaluation: { scraper, rules } }) => [
    ...planRowsOf('vmagent of the cloud', '', scraper),
    ...planRowsOf('vmalert', ' of each of two', rules),
  ],
  sizes: ({ evaluation: { scraper, rules } }) =>
    scraper.memory
      ? {
          evaluation: {
            scraper: resourcesWithHeadroom(scraper),
            ...(rules.memory && { rules: resourcesWithHeadroom(rules) }),
          },
        }
      : {},
};

/** Returns the rows of a program in the plan; an empty list if the program does not run. */
const planRowsOf = (name: string, each: string, needs: typeof NOTHING): [string, string][] =>
  needs.memory
    ? [
        [`${name}: cores${each}`, needs.cores.toFixed(2)],
        [`${name}: memory${each}`, formatSize(needs.memory)],
      ]
    : [];

/**
 * Returns requests for the estimated usage, and a memory limit of at least twice the usage, because the load
 * grows in steps.
 */
const resourcesWithHeadroom = ({ cores, memory: used }: { cores: number; memory: number }): Resources => ({
  cpu: roundUpCpu(cores * HEADROOM),
  memory: roundUpMemory(Math.max(used, 128 * MEBI)),
  memoryLimit: roundUpMemory(Math.max(used * 2, 512 * MEBI)),
});

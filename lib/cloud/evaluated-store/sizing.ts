import type { Resources } from '../../core/pods';
import { MEBI, roundCpu, roundMemory } from '../../fleet/amounts';
import { HEADROOM } from '../../fleet/coefficients';
import type { Fleet } from '../../fleet/fleet';
import { samplesPerSecond, sumOf, totalSeries } from '../../fleet/sendings';
import { formatSize, type Sizing } from '../../fleet/sizing';

/** Coefficients of the vmagent and the vmalert of a store. Estimates until a benchmark measures them. */
export const EVALUATION = {
  /** Memory of vmagent without nodes. */
  scraperBytes: 64 * MEBI,
  /** Memory of vmagent per series of a Pushgateway. */
  scraperBytesPerSeries: 1_000,
  /** CPU seconds of vmagent per sample of a Pushgateway. */
  scraperSecondsPerSample: 2.5e-6,
  /** Memory of vmalert without nodes. */
  rulesBytes: 64 * MEBI,
  /** Memory of vmalert per node: the results of the rules that are evaluated at the same time. */
  rulesBytesPerNode: 40_000,
  /** CPU of vmalert per node, for all rules of this project. */
  rulesCoresPerNode: 30e-6,
} as const;

/** Planned resources of the scraper and the rule evaluator of a store that has neither. */
export interface EvaluationPlan {
  /** Cores and memory of the vmagent, and of each of two vmalert; 0 with Prometheus. */
  readonly evaluation: {
    readonly scraper: { readonly cores: number; readonly memory: number };
    readonly rules: { readonly cores: number; readonly memory: number };
  };
}

/** The part of an environment's sizes for the vmagent and the two vmalert. */
export interface EvaluationSizes {
  readonly evaluation?: { readonly scraper: Resources; readonly rules?: Resources };
}

const NOTHING = { cores: 0, memory: 0 };

/** Samples of nodes reach the vmagent by Pushgateways; others are written by the gateway. */
function evaluationNeeds({ groups, store }: Fleet): EvaluationPlan['evaluation'] {
  if (store?.kind !== 'remote' && store?.kind !== 'victoria-metrics') {
    return { scraper: NOTHING, rules: NOTHING };
  }
  const pushed = groups.filter(({ transport }) => transport === 'pushgateway');
  const nodes = sumOf(groups, (group) => group.nodes);
  return {
    scraper: {
      cores: samplesPerSecond(pushed) * EVALUATION.scraperSecondsPerSample,
      memory: EVALUATION.scraperBytes + totalSeries(pushed) * EVALUATION.scraperBytesPerSeries,
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

/** Computes the sizes of the vmagent and the two vmalert for a fleet. */
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

/** Rows of a program, if it runs. */
const planRowsOf = (name: string, each: string, needs: typeof NOTHING): [string, string][] =>
  needs.memory
    ? [
        [`${name}: cores${each}`, needs.cores.toFixed(2)],
        [`${name}: memory${each}`, formatSize(needs.memory)],
      ]
    : [];

/** Requests for the estimated usage, and a limit of four times as much, because the load grows in steps. */
const resourcesWithHeadroom = ({ cores, memory: used }: { cores: number; memory: number }): Resources => ({
  cpu: roundCpu(cores * HEADROOM),
  memory: roundMemory(Math.max(used, 128 * MEBI)),
  memoryLimit: roundMemory(Math.max(used * 2, 512 * MEBI)),
});

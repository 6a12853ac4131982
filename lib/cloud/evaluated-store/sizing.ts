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
  readonly evaluation?: { readonly scraper: Resources; readonly rules: Resources };
}

/** Samples of nodes reach the vmagent by Pushgateways; others are written by the gateway. */
function evaluationNeeds({ groups, store }: Fleet): EvaluationPlan['evaluation'] {
  if (store?.kind !== 'remote' && store?.kind !== 'victoria-metrics') {
    return { scraper: { cores: 0, memory: 0 }, rules: { cores: 0, memory: 0 } };
  }
  const pushed = groups.filter(({ transport }) => transport === 'pushgateway');
  const nodes = sumOf(groups, (group) => group.nodes);
  return {
    scraper: {
      cores: samplesPerSecond(pushed) * EVALUATION.scraperSecondsPerSample,
      memory: EVALUATION.scraperBytes + totalSeries(pushed) * EVALUATION.scraperBytesPerSeries,
    },
    rules: {
      cores: nodes * EVALUATION.rulesCoresPerNode,
      memory: EVALUATION.rulesBytes + nodes * EVALUATION.rulesBytesPerNode,
    },
  };
}

/** Computes the sizes of the vmagent and the two vmalert for a fleet. */
export const evaluationSizing: Sizing<EvaluationPlan, EvaluationSizes> = {
  needs: (fleet) => ({ evaluation: evaluationNeeds(fleet) }),
  rows: ({ evaluation: { scraper, rules } }) =>
    rules.memory
      ? [
          ['vmagent of the cloud: cores', scraper.cores.toFixed(2)],
          ['vmagent of the cloud: memory', formatSize(scraper.memory)],
          ['vmalert: cores of each of two', rules.cores.toFixed(2)],
          ['vmalert: memory of each of two', formatSize(rules.memory)],
        ]
      : [],
  sizes: ({ evaluation: { scraper, rules } }) =>
    rules.memory
      ? { evaluation: { scraper: resourcesWithHeadroom(scraper), rules: resourcesWithHeadroom(rules) } }
      : {},
};

/** Requests for the estimated usage, and a limit of four times as much, because the load grows in steps. */
const resourcesWithHeadroom = ({ cores, memory: used }: { cores: number; memory: number }): Resources => ({
  cpu: roundCpu(cores * HEADROOM),
  memory: roundMemory(Math.max(used, 128 * MEBI)),
  memoryLimit: roundMemory(Math.max(used * 2, 512 * MEBI)),
});

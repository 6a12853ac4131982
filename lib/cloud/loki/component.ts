import { jobOf, type RuledTargets } from '../../core/component';
import type { SizedComponent } from '../sized-component';
import { LOKI_THRESHOLDS, type LokiThresholds, lokiRules } from './rules';
import { type LokiPlan, lokiSizing } from './sizing';

/** Loki, as an environment knows it. */
export const lokiComponent = {
  sizing: lokiSizing,
  thresholds: LOKI_THRESHOLDS,
  rules: (environment, limits) => [lokiRules(limits, { job: jobOf('loki', environment) })],
} satisfies SizedComponent<LokiThresholds, RuledTargets, LokiPlan>;

import { type Component, jobOf, type RuledTargets } from '../../core/component';
import { LOKI_THRESHOLDS, type LokiThresholds, lokiRules } from './rules';

/** Loki, as an environment knows it. */
export const lokiComponent: Component<LokiThresholds, RuledTargets> = {
  thresholds: LOKI_THRESHOLDS,
  rules: (environment, limits) => ({
    prometheus: [lokiRules(limits, { job: jobOf('loki', environment) })],
  }),
};

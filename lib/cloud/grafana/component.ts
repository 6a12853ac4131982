import { type Component, jobOf, type RuledTargets } from '../../core/component';
import { grafanaRules } from './rules';

/** Grafana, as an environment knows it. */
export const grafanaComponent: Component<object, RuledTargets> = {
  rules: (environment) => [grafanaRules(jobOf('grafana', environment))],
};

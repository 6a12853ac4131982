import { type Component, jobOf, type RuledTargets } from '../../core/component';
import { alertmanagerRules } from './rules';

/** Alertmanager, as an environment knows it. */
export const alertmanagerComponent: Component<object, RuledTargets> = {
  rules: (environment) => [alertmanagerRules({ job: jobOf('alertmanager', environment) })],
};

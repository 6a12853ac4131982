import { firstScrapeJobNameOfComponent, type RuledTargets } from '../../core/component';
import type { CloudComponent } from '../cloud-component';
import { LogCollector } from './log-collector';
import { alertRulesAboutLogCollector } from './rules';

/** The component `log-collector` of an environment: a `LogCollector` that sends the logs of cloud nodes to Loki. */
export const logCollectorComponent: CloudComponent<object, RuledTargets> = {
  make: (scope, { loki }) => [new LogCollector(scope, 'log-collector', { loki })],
  rules: (environment) => [
    alertRulesAboutLogCollector({ job: firstScrapeJobNameOfComponent('log-collector', environment) }),
  ],
};

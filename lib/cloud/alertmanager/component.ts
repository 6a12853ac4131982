import {
  environmentHasComponent,
  firstScrapeJobNameOfComponent,
  type RuledTargets,
} from '../../core/component';
import { invalidOptionProblems } from '../../core/validation';
import type { CloudComponent } from '../cloud-component';
import { Alertmanager } from './alertmanager';
import { valuesAndChecksOfRoutingOptions } from './config';
import { alertRulesAboutAlertmanager } from './rules';
import {
  ALERTMANAGER_SECRETS,
  ALERTMANAGER_SETTINGS,
  ALERTMANAGER_STORAGE,
  type AlertmanagerEnvironment,
} from './settings';

/**
 * The component `alertmanager` of an environment: an `Alertmanager` with the receivers and routes from the
 * settings. The component creates no objects if the metrics store has its own
 * Alertmanager.
 */
export const alertmanagerComponent = {
  settings: { own: ALERTMANAGER_SETTINGS, storage: ALERTMANAGER_STORAGE, secrets: ALERTMANAGER_SECRETS },
  rules: (environment) =>
    environmentHasComponent('alertmanager', environment)
      ? [alertRulesAboutAlertmanager({ job: firstScrapeJobNameOfComponent('alertmanager', environment) })]
      : [],
  settingsProblems: ({ settings: { receivers, alerts } }) =>
    invalidOptionProblems(
      valuesAndChecksOfRoutingOptions({ ...alerts, receivers }, 'settings.alerts.', 'settings.receivers'),
    ),
  make: (scope, { settings: { receivers, alerts, secrets, storage }, metricsStore }) => {
    if (metricsStore.alertmanager) return [];
    return [
      new Alertmanager(scope, 'alertmanager', {
        receivers,
        routes: alerts?.routes,
        heartbeat: alerts?.heartbeat,
        timeIntervals: alerts?.timeIntervals,
        receiversSecretName: secrets?.receivers,
        storage: storage?.alertmanager,
      }),
    ];
  },
} satisfies CloudComponent<object, RuledTargets, object, object, AlertmanagerEnvironment>;

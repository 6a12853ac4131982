import {
  environmentHasComponent,
  firstScrapeJobNameOfComponent,
  type RuledTargets,
} from '../../core/component';
import { mergeOptionsPreferringFirst } from '../../core/option-table';
import type { CloudComponent } from '../cloud-component';
import { Grafana, type GrafanaProps } from './grafana';
import { alertRulesAboutGrafana } from './rules';
import {
  GRAFANA_HOST,
  GRAFANA_SECRETS,
  GRAFANA_SETTINGS,
  GRAFANA_STORAGE,
  type GrafanaEnvironment,
} from './settings';

/**
 * The component `grafana` of an environment: a `Grafana`, with an ingress if the setting `hosts.grafana` is set. The
 * component creates no objects if the metrics store has its own Grafana.
 */
export const grafanaComponent = {
  settings: {
    own: GRAFANA_SETTINGS,
    hosts: GRAFANA_HOST,
    storage: GRAFANA_STORAGE,
    secrets: GRAFANA_SECRETS,
  },
  rules: (environment) =>
    environmentHasComponent('grafana', environment)
      ? [alertRulesAboutGrafana(firstScrapeJobNameOfComponent('grafana', environment))]
      : [],
  make: (scope, { settings: { grafana, hosts, alerts, secrets, storage }, ingress, metricsStore }) => {
    if (metricsStore.grafana) return [];
    return [
      new Grafana(scope, 'grafana', {
        ...mergeOptionsPreferringFirst<GrafanaProps>(grafana, { storage: storage?.grafana }),
        secretName: secrets?.grafana,
        adminSecretName: secrets?.grafanaAdmin,
        runbooks: alerts?.runbooks,
        ingress: hosts.grafana
          ? ingress('grafana', hosts.grafana, { usersSecretName: secrets?.grafanaUsers })
          : undefined,
      }),
    ];
  },
} satisfies CloudComponent<object, RuledTargets, object, object, GrafanaEnvironment>;

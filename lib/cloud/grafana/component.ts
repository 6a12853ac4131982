import { jobOf, type RuledTargets } from '../../core/component';
import { layered } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import type { CloudComponent } from '../cloud-component';
import { Grafana, type GrafanaProps } from './grafana';
import { grafanaRules } from './rules';

/** Settings that concern Grafana. */
export interface GrafanaEnvironment {
  readonly grafana?: GrafanaProps;
  readonly hosts: { readonly grafana?: string };
  readonly alerts?: { readonly runbooks?: string };
  readonly secrets?: {
    readonly grafana?: string;
    readonly grafanaAdmin?: string;
    readonly grafanaUsers?: string;
  };
  readonly storage?: { readonly grafana?: Quantity };
}

/** Grafana, as an environment knows it, with a public host where the settings name one. */
export const grafanaComponent = {
  rules: (environment) => [grafanaRules(jobOf('grafana', environment))],
  make: (scope, { settings: { grafana, hosts, alerts, secrets, storage }, ingress }) => [
    new Grafana(scope, 'grafana', {
      ...layered<GrafanaProps>(grafana, { storage: storage?.grafana }),
      secretName: secrets?.grafana,
      adminSecretName: secrets?.grafanaAdmin,
      runbooks: alerts?.runbooks,
      ingress: hosts.grafana
        ? ingress('grafana', hosts.grafana, { usersSecretName: secrets?.grafanaUsers })
        : undefined,
    }),
  ],
} satisfies CloudComponent<object, RuledTargets, object, object, GrafanaEnvironment>;

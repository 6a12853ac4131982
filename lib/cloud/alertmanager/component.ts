import { jobOf, type RuledTargets } from '../../core/component';
import type { Quantity } from '../../core/units';
import type { CloudComponent } from '../cloud-component';
import { Alertmanager, type AlertmanagerProps } from './alertmanager';
import { alertmanagerRules } from './rules';

/** Settings that concern Alertmanager. */
export interface AlertmanagerEnvironment extends Pick<AlertmanagerProps, 'receivers'> {
  readonly alerts?: Pick<AlertmanagerProps, 'routes' | 'heartbeat' | 'timeIntervals'>;
  readonly secrets?: { readonly receivers?: string };
  readonly storage?: { readonly alertmanager?: Quantity };
}

/** Alertmanager, as an environment knows it, with the receivers and routes of the settings. */
export const alertmanagerComponent = {
  rules: (environment) => [alertmanagerRules({ job: jobOf('alertmanager', environment) })],
  make: (scope, { settings: { receivers, alerts, secrets, storage } }) => [
    new Alertmanager(scope, 'alertmanager', {
      receivers,
      routes: alerts?.routes,
      heartbeat: alerts?.heartbeat,
      timeIntervals: alerts?.timeIntervals,
      receiversSecretName: secrets?.receivers,
      storage: storage?.alertmanager,
    }),
  ],
} satisfies CloudComponent<object, RuledTargets, object, object, AlertmanagerEnvironment>;

import { type OptionTable, pickOptions } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { ALERTMANAGER_OPTIONS, type AlertmanagerProps } from './alertmanager';
import type { Receiver } from './receivers';

/** Top-level settings of an environment that belong to Alertmanager. */
interface OwnSettings {
  /**
   * Receivers of notifications. The first receiver gets all alerts that no route matches, except for alerts of
   * severity `info` or `none`.
   * @default - no notifications are sent; alerts are only displayed
   */
  readonly receivers?: readonly [Receiver, ...Receiver[]];
}

/** Fields of the setting `storage` that belong to Alertmanager. */
interface AlertmanagerStorage {
  /** Size of each replica's volume for silences and the notification log. @default "1Gi" */
  readonly alertmanager?: Quantity;
}

/** Fields of the setting `secrets` that belong to Alertmanager. */
interface AlertmanagerSecrets {
  /**
   * Name of the Secret in the cloud cluster with the passwords and URLs of receivers. Each key is a file that a
   * receiver references.
   * @default - no Secret is mounted
   */
  readonly receivers?: string;
}

/** All settings of an environment that Alertmanager uses. */
export interface AlertmanagerEnvironment extends OwnSettings {
  readonly storage?: AlertmanagerStorage;
  readonly secrets?: AlertmanagerSecrets;
  readonly alerts?: Pick<AlertmanagerProps, 'routes' | 'heartbeat' | 'timeIntervals'>;
}

/** Validation rule and default of the setting `receivers`. */
export const ALERTMANAGER_SETTINGS = pickOptions(ALERTMANAGER_OPTIONS, [
  'receivers',
]) satisfies OptionTable<OwnSettings>;

/** Validation rule and default of the setting `storage.alertmanager`. */
export const ALERTMANAGER_STORAGE = {
  alertmanager: ALERTMANAGER_OPTIONS.storage,
} satisfies OptionTable<AlertmanagerStorage>;

/** Validation rule and default of the setting `secrets.receivers`. */
export const ALERTMANAGER_SECRETS = {
  receivers: ALERTMANAGER_OPTIONS.receiversSecretName,
} satisfies OptionTable<AlertmanagerSecrets>;

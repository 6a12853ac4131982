import { type OptionTable, pickOptions } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { ALERTMANAGER_OPTIONS, type AlertmanagerProps } from './alertmanager';
import type { Receiver } from './receivers';

/** Settings of an environment for Alertmanager. */
interface OwnSettings {
  /** Receivers of notifications. @default - none; alerts are only displayed */
  readonly receivers?: readonly [Receiver, ...Receiver[]];
}

/** The volumes of Alertmanager. */
interface AlertmanagerStorage {
  /** Size of each replica's volume for silences and the notification log. @default "1Gi" */
  readonly alertmanager?: Quantity;
}

/** Secrets of Alertmanager. */
interface AlertmanagerSecrets {
  /** Cloud: files that receivers reference. @default - none */
  readonly receivers?: string;
}

/** Settings of an environment that Alertmanager uses. */
export interface AlertmanagerEnvironment extends OwnSettings {
  readonly storage?: AlertmanagerStorage;
  readonly secrets?: AlertmanagerSecrets;
  readonly alerts?: Pick<AlertmanagerProps, 'routes' | 'heartbeat' | 'timeIntervals'>;
}

/** The settings `receivers`. */
export const ALERTMANAGER_SETTINGS = pickOptions(ALERTMANAGER_OPTIONS, [
  'receivers',
]) satisfies OptionTable<OwnSettings>;

/** Alertmanager's part of the settings `storage`. */
export const ALERTMANAGER_STORAGE = {
  alertmanager: ALERTMANAGER_OPTIONS.storage,
} satisfies OptionTable<AlertmanagerStorage>;

/** Alertmanager's part of the settings `secrets`. */
export const ALERTMANAGER_SECRETS = {
  receivers: ALERTMANAGER_OPTIONS.receiversSecretName,
} satisfies OptionTable<AlertmanagerSecrets>;

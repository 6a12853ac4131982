import { type OptionTable, picked } from '../../core/option-table';
import type { Quantity } from '../../core/units';
import { ALERTMANAGER_OPTIONS, type AlertmanagerProps } from './alertmanager';
import type { Receiver } from './receivers';

/** Settings of an environment for Alertmanager. */
interface OwnSettings {
  /** Who is told of alerts. @default - nobody: alerts are only shown */
  readonly receivers?: readonly [Receiver, ...Receiver[]];
}

/** The volumes of Alertmanager. */
interface AlertmanagerStorage {
  /** Silences, and what was told already, of each replica. @default "1Gi" */
  readonly alertmanager?: Quantity;
}

/** Secrets of Alertmanager. */
interface AlertmanagerSecrets {
  /** Cloud: the files that receivers of alerts name. @default - none */
  readonly receivers?: string;
}

/** Settings that concern Alertmanager. */
export interface AlertmanagerEnvironment extends OwnSettings {
  readonly storage?: AlertmanagerStorage;
  readonly secrets?: AlertmanagerSecrets;
  readonly alerts?: Pick<AlertmanagerProps, 'routes' | 'heartbeat' | 'timeIntervals'>;
}

/** The settings `receivers`. */
export const ALERTMANAGER_SETTINGS = picked(ALERTMANAGER_OPTIONS, [
  'receivers',
]) satisfies OptionTable<OwnSettings>;

/** Its part of the settings `storage`. */
export const ALERTMANAGER_STORAGE = {
  alertmanager: ALERTMANAGER_OPTIONS.storage,
} satisfies OptionTable<AlertmanagerStorage>;

/** Its part of the settings `secrets`. */
export const ALERTMANAGER_SECRETS = {
  receivers: ALERTMANAGER_OPTIONS.receiversSecretName,
} satisfies OptionTable<AlertmanagerSecrets>;

import type { Construct } from 'constructs';
import type { Transport } from '../contracts/metrics-sink';
import { pickOptions } from '../core/option-table';
import { Platform } from '../core/platform';
import { validateSettings } from './check-settings';
import { FORWARDED_PLATFORM_OPTIONS, type Settings } from './settings';

/**
 * Validates the settings of an environment, and sets the platform options that all constructs of a chart share.
 * @param byDefault default of the setting `transport` of edge nodes
 * @throws InvalidOptionError when a setting is invalid.
 */
export function validateSettingsAndDefinePlatform(
  scope: Construct,
  settings: Settings,
  byDefault?: Transport,
): Platform {
  validateSettings(scope, settings, byDefault);
  return Platform.define(scope, {
    ...pickOptions(settings, FORWARDED_PLATFORM_OPTIONS),
    cluster: settings.cluster,
    storageClass: settings.storage?.className,
    syncWaves: settings.gitOps !== undefined,
  });
}

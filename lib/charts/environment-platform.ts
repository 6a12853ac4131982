import type { Construct } from 'constructs';
import type { Transport } from '../contracts/metrics-sink';
import { pickOptions } from '../core/option-table';
import { Platform } from '../core/platform';
import { checkSettings } from './check-settings';
import { OFFERED_OF_PLATFORM, type Settings } from './settings';

/**
 * Checks an environment's settings, and sets the options that all constructs of a chart share.
 * @param byDefault transport of nodes that do not set one
 * @throws InvalidOptionError when a setting is invalid.
 */
export function definePlatform(scope: Construct, settings: Settings, byDefault?: Transport): Platform {
  checkSettings(scope, settings, byDefault);
  return Platform.define(scope, {
    ...pickOptions(settings, OFFERED_OF_PLATFORM),
    cluster: settings.cluster,
    storageClass: settings.storage?.className,
    syncWaves: settings.gitOps !== undefined,
  });
}

import type { Construct } from 'constructs';
import { Platform } from '../core/platform';
import { checkSettings } from './check-settings';
import type { Settings } from './settings';

/**
 * Checks an environment's settings and defines the platform of a chart from them.
 *
 * @throws InvalidOptionError when a setting is not allowed.
 */
export function definePlatform(scope: Construct, settings: Settings): Platform {
  checkSettings(scope, settings);
  const { storage, gitOps, ...platform } = settings;
  const syncWaves = gitOps !== undefined;
  return Platform.define(scope, { ...platform, storageClass: storage?.className, syncWaves });
}

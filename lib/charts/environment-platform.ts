import type { Construct } from 'constructs';
import type { Transport } from '../contracts/metrics-sink';
import { Platform } from '../core/platform';
import { checkSettings } from './check-settings';
import type { Settings } from './settings';

/**
 * Checks an environment's settings and defines the platform of a chart from them.
 *
 * @param byDefault the transport of nodes for which the settings name none
 * @throws InvalidOptionError when a setting is not allowed.
 */
export function definePlatform(scope: Construct, settings: Settings, byDefault?: Transport): Platform {
  checkSettings(scope, settings, byDefault);
  const { cluster, kubernetesVersion, namespaces, images, imagePullSecrets, nodeCidrs } = settings;
  return Platform.define(scope, {
    ...{ cluster, kubernetesVersion, namespaces, images, imagePullSecrets, nodeCidrs },
    sharedNamespaces: settings.sharedNamespaces,
    scheduling: settings.scheduling,
    commonLabels: settings.commonLabels,
    commonAnnotations: settings.commonAnnotations,
    cloudNodes: settings.cloudNodes,
    privateCa: settings.privateCa,
    secretStore: settings.secretStore,
    storageClass: settings.storage?.className,
    syncWaves: settings.gitOps !== undefined,
  });
}

import { optionsOf } from '../../core/option-table';
import type { MetricsStoreType } from '../metrics-store-type';
import { REMOTE_STORE_OPTIONS, type RemoteStoreOptions } from './options';
import { RemoteStore } from './remote-store';

/**
 * A store that exists, such as Mimir, Thanos, Cortex, VictoriaMetrics or a managed service: no Prometheus of this stack runs. A vmagent
 * reads the targets of the cloud, and vmalert evaluates the rules.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function remoteStore(given: RemoteStoreOptions): MetricsStoreType {
  const options = optionsOf('remoteStore', given, REMOTE_STORE_OPTIONS);
  return {
    plan: { kind: 'remote' },
    unread: {
      'retention.metrics': 'set it in the store',
      'retention.metricsSize': 'set it in the store',
      'retention.outOfOrderWindow':
        'set it in the store, and as write.outOfOrderWindow of remoteStore() for a Prometheus',
      'storage.prometheus': 'use storage of remoteStore() for the queue of its vmagent',
    },
    make: (scope, { rules }) => new RemoteStore(scope, 'metrics-store', { ...options, ruleOptions: rules }),
  };
}

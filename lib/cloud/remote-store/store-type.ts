import { portOfUrl } from '../../core/network-access';
import { optionsOf } from '../../core/option-table';
import { EvaluatedStore } from '../evaluated-store';
import { toRemoteWrite } from '../metrics-gateway';
import type { MetricsStoreType } from '../metrics-store-type';
import { REMOTE_STORE_OPTIONS, type RemoteStoreOptions } from './options';

/**
 * A store that exists, such as Mimir, Thanos, Cortex, VictoriaMetrics or a managed service: no Prometheus of this stack runs. A vmagent
 * reads the targets of the cloud, and vmalert evaluates the rules.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function remoteStore(given: RemoteStoreOptions): MetricsStoreType {
  const { query, ...options } = optionsOf('remoteStore', given, REMOTE_STORE_OPTIONS);
  const peer = query.peer ?? { anywhere: true };
  return {
    plan: { kind: 'remote' },
    unread: {
      'retention.metrics': 'set it in the store',
      'retention.metricsSize': 'set it in the store',
      'retention.outOfOrderWindow':
        'set it in the store, and as write.outOfOrderWindow of remoteStore() for a Prometheus',
      'storage.prometheus': 'use storage of remoteStore() for the queue of its vmagent',
    },
    make: (scope, { rules, sizes }) =>
      new EvaluatedStore(scope, 'metrics-store', {
        ...options,
        query,
        store: toRemoteWrite(options.write),
        queryServer: { peer, port: portOfUrl(query.url), admit: () => {} },
        sizes: sizes?.evaluation,
        ruleOptions: rules,
      }),
  };
}

import { portOfUrl } from '../../core/network-access';
import { EvaluatedStore, ruleDurationPanel, writtenSamplesPanel } from '../evaluated-store';
import { toRemoteWrite } from '../metrics-gateway';
import type { MetricsStoreType } from '../metrics-store-type';
import { type RemoteStoreOptions, remoteStoreSettings } from './options';

/**
 * A store that exists, such as Mimir, Thanos, Cortex, VictoriaMetrics or a managed service: no Prometheus of this stack runs. A vmagent
 * reads the targets of the cloud, and vmalert evaluates the rules.
 *
 * @throws InvalidOptionError when an option is not allowed, or contradicts another one.
 */
export function remoteStore(given: RemoteStoreOptions): MetricsStoreType {
  const { query, ...options } = remoteStoreSettings(given);
  const peer = query.peer ?? { anywhere: true };
  return {
    plan: { kind: 'remote', outOfOrderWindow: options.write.outOfOrderWindow, rules: options.rules },
    panels: {
      samples: writtenSamplesPanel,
      ...(options.rules === 'vmalert' && { ruleDuration: ruleDurationPanel }),
    },
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

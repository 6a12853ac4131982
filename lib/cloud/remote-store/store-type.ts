import { portOfUrl } from '../../core/network-access';
import { EvaluatedStore, ruleDurationPanel, writtenSamplesPanel } from '../evaluated-store';
import { toRemoteWrite } from '../metrics-gateway';
import type { MetricsStoreType } from '../metrics-store-type';
import { type RemoteStoreOptions, resolveRemoteStoreOptions } from './options';

/**
 * Returns a value for the setting `metricsStore`: an existing store, such as Mimir, Thanos, Cortex,
 * VictoriaMetrics or a managed service. This stack then runs no Prometheus. Instead, a vmagent scrapes the
 * targets in the cloud. With the option `rules: 'vmalert'`, two vmalerts evaluate the rules.
 * @throws InvalidOptionError when an option is invalid or contradicts another option.
 */
export function remoteStore(given: RemoteStoreOptions): MetricsStoreType {
  const { query, ...options } = resolveRemoteStoreOptions(given);
  const peer = query.peer ?? { anywhere: true };
  return {
    plan: { kind: 'remote', outOfOrderWindow: options.write.outOfOrderWindow, rules: options.rules },
    panels: {
      samples: writtenSamplesPanel,
      ...(options.rules === 'vmalert' && { ruleDuration: ruleDurationPanel }),
    },
    unread: {
      'retention.metrics': 'configure the retention in the store instead',
      'retention.metricsSize': 'configure the retention in the store instead',
      'retention.outOfOrderWindow':
        'configure the window in the store instead; if the store is a Prometheus, also set write.outOfOrderWindow of remoteStore()',
      'storage.prometheus':
        'set the option "storage" of remoteStore(), which is the size of the volume of the vmagent',
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

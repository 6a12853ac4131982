import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { LogSink } from '../contracts/log-sink';
import type { MetricsSink } from '../contracts/metrics-sink';
import { PodNamespace } from '../core/pod-namespace';
import { EdgeLogCollector } from '../edge/edge-log-collector';
import { EdgeNodeExporter } from '../edge/edge-node-exporter';
import { definePlatform } from './environment-platform';
import type { Settings } from './settings';

/** What an EdgeChart is made of. */
export interface EdgeChartProps {
  readonly settings: Settings;
  /** Where metrics go: `metrics` of a CloudChart, or `fromPushgateway`. */
  readonly metrics: MetricsSink;
  /** Where logs go: `logs` of a CloudChart, or `fromLoki`. @default - nowhere: no log collector */
  readonly logs?: LogSink;
}

/** The edge side: what measures and pushes on every edge node. */
export class EdgeChart extends Chart {
  /** @throws InvalidOptionError when a setting is not allowed. */
  constructor(scope: Construct, id: string, { settings, metrics, logs }: EdgeChartProps) {
    super(scope, id);
    const { namespaces } = definePlatform(this, settings);
    // Its agents run on the host's network, or on nodes where nobody enforces a policy.
    new PodNamespace(this, 'namespace', {
      name: namespaces.edge,
      podSecurity: 'privileged',
      denyTraffic: false,
    });
    new EdgeNodeExporter(this, 'node-exporter', { ...settings.edge, sink: metrics });
    if (logs) {
      const { nodeSelector, group, logs: selection } = settings.edge ?? {};
      new EdgeLogCollector(this, 'log-collector', { ...selection, nodeSelector, group, sink: logs });
    }
  }
}

import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { LogSink } from '../contracts/log-sink';
import type { ExporterSink, MetricsSink } from '../contracts/metrics-sink';
import { PodNamespace } from '../core/pod-namespace';
import { EdgeLogCollector } from '../edge/edge-log-collector';
import { EdgeMetricsAgent } from '../edge/edge-metrics-agent';
import { EdgeNodeExporter } from '../edge/edge-node-exporter';
import { definePlatform } from './environment-platform';
import type { Settings } from './settings';

/** What an EdgeChart is made of. */
export interface EdgeChartProps {
  readonly settings: Settings;
  /** Where metrics go: `metrics` of a CloudChart, `fromPushgateway` or `fromRemoteWrite`. */
  readonly metrics: MetricsSink;
  /** Where logs go: `logs` of a CloudChart, or `fromLoki`. @default - nowhere: no log collector */
  readonly logs?: LogSink;
}

/** The edge side: what measures and pushes on every edge node. */
export class EdgeChart extends Chart {
  /** What exporters of your own hand their metrics to: the Pushgateway, or the agent of these nodes. */
  readonly sink: ExporterSink;

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
    this.sink = exporterSink(this, settings, metrics);
    const profile = settings.edge?.profile ?? (this.sink.protocol === 'scrape' ? 'standard' : 'full');
    new EdgeNodeExporter(this, 'node-exporter', { ...settings.edge, profile, sink: this.sink });
    if (logs) {
      const { nodeSelector, group, logs: selection } = settings.edge ?? {};
      new EdgeLogCollector(this, 'log-collector', { ...selection, nodeSelector, group, sink: logs });
    }
  }
}

/** What takes remote write is sent to by an agent, which exporters are read by. */
function exporterSink(scope: Construct, { edge = {} }: Settings, metrics: MetricsSink): ExporterSink {
  if (metrics.protocol === 'pushgateway') return metrics;
  const { interval, group, nodeSelector, profile, agent } = edge;
  return new EdgeMetricsAgent(scope, 'metrics-agent', {
    ...agent,
    interval,
    group,
    nodeSelector,
    profile,
    sink: metrics,
  });
}

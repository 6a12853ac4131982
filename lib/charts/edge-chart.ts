import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { MetricsSink } from '../contracts/metrics-sink';
import { PodNamespace } from '../core/pod-namespace';
import { EdgeNodeExporter } from '../edge/edge-node-exporter';
import { definePlatform } from './environment-platform';
import type { Settings } from './settings';

/** What an EdgeChart is made of. */
export interface EdgeChartProps {
  readonly settings: Settings;
  /** Where metrics go: `metrics` of a CloudChart, or `fromPushgateway`. */
  readonly metrics: MetricsSink;
}

/** The edge side: what measures and pushes on every edge node. */
export class EdgeChart extends Chart {
  /** @throws InvalidOptionError when a setting is not allowed. */
  constructor(scope: Construct, id: string, { settings, metrics }: EdgeChartProps) {
    super(scope, id);
    const { namespaces } = definePlatform(this, settings);
    // Its agents run on the host's network, where no policy reaches them.
    new PodNamespace(this, 'namespace', {
      name: namespaces.edge,
      podSecurity: 'privileged',
      denyTraffic: false,
    });
    new EdgeNodeExporter(this, 'node-exporter', { ...settings.edge, sink: metrics });
  }
}

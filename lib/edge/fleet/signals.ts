import { OF_THE_CLOUD } from '../../core/reserved-relabeling';

/** Names of the scrape jobs of what receives the edge's metrics and lists its nodes. */
export interface ReceiverNames {
  /** Jobs of the Pushgateways that edge exporters push to. @default ["pushgateway"] */
  readonly pushgateways?: readonly string[];
  /** Jobs of the remote-write gateways. @default ["metrics-gateway"] */
  readonly gateways?: readonly string[];
  /** Job of the metrics agents' own metrics. @default "edge-metrics-agent" */
  readonly agent?: string;
  /**
   * Job of the kube-state-metrics that lists the nodes of the fleet; `false` if their cluster has none: the
   * fleet then consists of the nodes that send metrics, up to `unlistedNodes`.
   * @default "kube-state-metrics"
   */
  readonly kubeStateMetrics?: string | false;
}

/** Selectors of the series that the rules use. */
export interface Signals {
  readonly pushed: string;
  readonly written: string;
  /** Targets that agents scrape, except for the agents themselves. */
  readonly scraped: string;
  readonly receivers: string;
  /** Counters of refused pushes by node, job and reason. */
  readonly refused: readonly string[];
  /** Pushes with which a node sends its own metrics. @default - nodes do not push to a Pushgateway */
  readonly refusedExporters?: string;
  /** Samples queued in gateways for the replica that evaluates the rule. @default - there are no gateways */
  readonly waiting?: string;
}

const PUSHGATEWAY_REFUSED = 'pushgateway_filter_pushes_refused_total';

/** Returns the selectors for these names. */
export function signalSelectors({
  pushgateways = ['pushgateway'],
  gateways = ['metrics-gateway'],
  agent = 'edge-metrics-agent',
}: ReceiverNames): Signals {
  return {
    pushed: `{pushgateway=~"${pushgateways.join('|') || 'none'}"}`,
    written: `up{job="${agent}"}`,
    scraped: `up{job!="${agent}"}`,
    receivers: `up{job=~"${[...pushgateways, ...gateways].join('|')}", ${OF_THE_CLOUD}}`,
    refused: [
      ...(pushgateways.length > 0 ? [PUSHGATEWAY_REFUSED] : []),
      ...(gateways.length > 0
        ? ['metrics_gateway_limiter_pushes_refused_total', 'edge_pushes_refused_total']
        : []),
    ],
    ...(pushgateways.length > 0 && { refusedExporters: PUSHGATEWAY_REFUSED }),
    ...(gateways.length > 0 && {
      waiting: `vmagent_remotewrite_pending_data_bytes{job=~"${gateways.join('|')}", other_replica=""}`,
    }),
  };
}

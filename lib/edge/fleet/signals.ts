import { OF_THE_CLOUD } from '../../core/reserved-relabeling';

/** Names of the scrape jobs of Pushgateways, metrics gateways, metrics agents and kube-state-metrics. */
export interface ReceiverNames {
  /** Jobs of the Pushgateways that edge exporters push to. @default ["pushgateway"] */
  readonly pushgateways?: readonly string[];
  /** Jobs of the metrics gateways, which receive remote write. @default ["metrics-gateway"] */
  readonly gateways?: readonly string[];
  /** Job of the metrics that the metrics agents expose about themselves. @default "edge-metrics-agent" */
  readonly agent?: string;
  /**
   * Job of the kube-state-metrics that lists the nodes of the fleet. Set it to `false` if the edge nodes' cluster has no
   * kube-state-metrics. The fleet then consists of the nodes that send metrics, up to the threshold `unlistedNodes`.
   * @default "kube-state-metrics"
   */
  readonly kubeStateMetrics?: string | false;
}

/** Selectors and names of the series from which rules derive the state of nodes, Pushgateways and gateways. */
export interface Signals {
  /** Label matchers of series that were pushed to a Pushgateway. */
  readonly pushed: string;
  /** Selector of the series `up` that metrics agents send about themselves by remote write. */
  readonly written: string;
  /** Selector of the series `up` that metrics agents send about their targets. */
  readonly scraped: string;
  /** Selector of the series `up` of the Pushgateways and metrics gateways. */
  readonly receivers: string;
  /** Names of the counters of rejected pushes. The counters have the labels `node`, `job` and `reason`. */
  readonly refused: readonly string[];
  /** Name of the counter of rejected pushes of exporters. @default - nodes do not push to a Pushgateway */
  readonly refusedExporters?: string;
  /**
   * Selector of the size of the gateways' queues in bytes. A gateway has a queue for each replica of the store. Each
   * replica evaluates the rules, and sees only its own queue.
   * @default - there are no gateways
   */
  readonly waiting?: string;
}

const PUSHGATEWAY_REFUSED = 'pushgateway_filter_pushes_refused_total';

/** Returns the selectors and names of series for the given names of scrape jobs. */
export function reachabilitySeriesSelectors({
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

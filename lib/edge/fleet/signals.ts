import { OF_THE_CLOUD } from '../../core/reserved-relabeling';

/** By which names the cloud side knows what receives the edge's metrics, and what lists its nodes. */
export interface ReceiverNames {
  /** Jobs of the Pushgateways that exporters of the edge push to. @default ["pushgateway"] */
  readonly pushgateways?: readonly string[];
  /** Jobs of the gateways that take remote writes. @default ["metrics-gateway"] */
  readonly gateways?: readonly string[];
  /** Job under which the metrics agent of each node reports itself. @default "edge-metrics-agent" */
  readonly agent?: string;
  /**
   * Job of the kube-state-metrics that lists the nodes of the fleet; false where there is none in their cluster: then
   * the fleet is the nodes that send metrics, up to `unlistedNodes`.
   * @default "kube-state-metrics"
   */
  readonly kubeStateMetrics?: string | false;
}

/** Selectors of what the rules read. */
export interface Signals {
  readonly pushed: string;
  readonly written: string;
  /** What agents scrape, beside themselves. */
  readonly scraped: string;
  readonly receivers: string;
  /** Counters of refused pushes, by node, job and reason. */
  readonly refused: readonly string[];
  /** What gateways could not yet write to the store. @default - there are no gateways */
  readonly waiting?: string;
}

/** The selectors for some names. */
export function signalsOf({
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
      ...(pushgateways.length > 0 ? ['pushgateway_filter_pushes_refused_total'] : []),
      ...(gateways.length > 0 ? ['metrics_gateway_limiter_pushes_refused_total'] : []),
    ],
    ...(gateways.length > 0 && {
      waiting: `vmagent_remotewrite_pending_data_bytes{job=~"${gateways.join('|')}"}`,
    }),
  };
}

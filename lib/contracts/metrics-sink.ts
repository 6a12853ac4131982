import type { Construct } from 'constructs';
import type { PublicEndpoint } from './endpoint';

/** How a workload that pushes by itself is connected. */
export interface PushClientOptions {
  /** The container that pushes. @default - the first one */
  readonly container?: string;
  /** The group of the nodes that it runs on, where the sink knows groups. @default - none */
  readonly group?: string;
}

/**
 * Where edge metrics go: a construct of this stack, or an imported one. Edge constructs take a sink
 * and never a URL.
 */
export interface MetricsSink {
  /** How samples travel. Pushgateway: PUT in the text format under a grouping key. */
  readonly protocol: 'pushgateway';
  /** @throws Error when nothing exposes the sink to the edge. */
  readonly endpoint: PublicEndpoint;
  /** Gives a workload that pushes by itself the address and the mounted credentials. */
  connect(workload: Construct, options?: PushClientOptions): void;
}

import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import { connectPushClient } from '../../access/push-client';
import type { PublicEndpoint } from '../../contracts/endpoint';
import {
  type PushgatewaySink,
  REMOTE_WRITE_2,
  REMOTE_WRITE_PATH,
  type RemoteWriteSink,
} from '../../contracts/metrics-sink';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import type { CloudWorkload } from '../../core/cloud-workload';
import { GROUP_PATH, GROUP_PATH_RULE } from '../../core/grouping-key';
import { optionsOf } from '../../core/option-table';
import { invalid } from '../../core/validation';
import { METRICS_GATEWAY_OPTIONS, type MetricsGatewayProps } from './options';
import { filtered, gatewayWorkload } from './workload';

/**
 * A gateway that receives the samples of all edge nodes by remote write, sets their labels `cluster` and
 * `group`, and writes them to a store. While the store is unavailable, samples are queued on a volume. It
 * consists of vmagents behind a guard.
 */
export class MetricsGateway extends Construct implements RemoteWriteSink, ScrapeTarget {
  readonly protocol = 'remote-write';
  readonly encoding = 'zstd';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  /**
   * The sink for workloads that push by themselves with Pushgateway's protocol; undefined without
   * `pushPrefix`.
   */
  readonly pushes?: PushgatewaySink;
  private readonly publicEndpoint?: PublicEndpoint;

  /** @throws InvalidOptionError when an option is invalid, or its path of the ingress is already used. */
  constructor(scope: Construct, id: string, props: MetricsGatewayProps) {
    super(scope, id);
    const options = optionsOf(this, props, METRICS_GATEWAY_OPTIONS);
    const { store, ingress } = options;
    const workload = gatewayWorkload(this, options, () => this.publicEndpoint?.groups !== undefined);
    workload.network.connect(store.writeServer);
    const ports = ['http', 'write', ...(filtered(store) ? ['filter'] : [])];
    this.scrapeConfigs = ports.map((port) => scrapeJob(workload, port));
    this.scrapeServers = ports.map((port) => workload.server(port));
    this.publicEndpoint = ingress && expose(workload, ingress);
    this.pushes =
      ingress && options.pushPrefix ? exposePushes(workload, ingress, options.pushPrefix) : undefined;
  }

  get endpoint(): PublicEndpoint {
    if (!this.publicEndpoint) throw invalid(this, 'nothing at the edge can reach it: give it an `ingress`');
    return this.publicEndpoint;
  }
}

/** Suffixes of the scrape jobs, by the port of each program. */
const JOBS: Readonly<Record<string, string>> = { http: '', write: '-limiter', filter: '-filter' };

/** Series of the limiter and the filter are about nodes, and keep the nodes' labels. */
const scrapeJob = (workload: CloudWorkload, port: string): ScrapeConfig => ({
  job_name: `${workload.name}${JOBS[port]}`,
  ...(port !== 'http' && { honor_labels: true }),
  static_configs: [{ targets: workload.replicaAddresses(port) }],
});

/**
 * Exposes the gateway to edge nodes. Only pushes are accepted; the guard balances them over the replicas and
 * adds the node group.
 */
function expose(workload: CloudWorkload, ingress: BasicAuthIngress): PublicEndpoint {
  return ingress.expose({
    namespace: workload.namespace,
    serviceName: workload.name,
    server: workload.server('write'),
    paths: [REMOTE_WRITE_PATH],
    pushes: {
      methods: ['POST'],
      path: REMOTE_WRITE_PATH,
      unsupported: REMOTE_WRITE_2,
    },
    groupStamp: 'extra-label',
  });
}

/** Exposes the path for workloads that push by themselves. */
function exposePushes(workload: CloudWorkload, ingress: BasicAuthIngress, prefix: string): PushgatewaySink {
  const endpoint = ingress.expose({
    namespace: workload.namespace,
    serviceName: workload.name,
    server: workload.server('write'),
    basePath: prefix,
    paths: [`${prefix}/metrics`],
    pushes: {
      methods: ['PUT', 'POST'],
      path: `${prefix.replaceAll('.', '\\.')}${GROUP_PATH}`,
      pathRule: GROUP_PATH_RULE,
    },
    groupStamp: 'extra-label',
  });
  return {
    protocol: 'pushgateway',
    endpoint,
    connect: (client, options) => connectPushClient(endpoint, client, options),
  };
}

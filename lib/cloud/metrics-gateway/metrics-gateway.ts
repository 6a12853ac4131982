import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import { configureWorkloadToPushMetrics } from '../../access/push-client';
import type { PublicEndpoint } from '../../contracts/endpoint';
import {
  type PushgatewaySink,
  REMOTE_WRITE_2,
  REMOTE_WRITE_PATH,
  type RemoteWriteSink,
} from '../../contracts/metrics-sink';
import type { NetworkServer } from '../../contracts/network';
import type { RelabelConfig, ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import type { CloudWorkload } from '../../core/cloud-workload';
import { GROUP_PATH, GROUP_PATH_MESSAGE } from '../../core/grouping-key';
import { validateAndApplyDefaults } from '../../core/option-table';
import { optionError, validateOptions } from '../../core/validation';
import { type GatewayWriteFilter, listWriteFilters } from './filters';
import { METRICS_GATEWAY_OPTIONS, type MetricsGatewayProps, queueVolumeSizeRule } from './options';
import type { LabelsAddedByGuard } from './series-limiter';
import { createGatewayWorkload } from './workload';

/**
 * A gateway that receives the samples of all edge nodes by remote write, sets the labels `cluster` and
 * `group`, and writes the samples to a metrics store. While the store is unavailable, the gateway queues
 * samples on a volume. The gateway consists of vmagent replicas behind the guard of the ingress.
 */
export class MetricsGateway extends Construct implements RemoteWriteSink, ScrapeTarget {
  readonly protocol = 'remote-write';
  readonly encoding = 'zstd';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  /**
   * Sink for workloads that push with Pushgateway's protocol. `undefined` if `pushPrefix` or `ingress` is not set.
   */
  readonly pushes?: PushgatewaySink;
  private readonly workload: CloudWorkload;
  private readonly filters: readonly GatewayWriteFilter[];
  private readonly writeUrlCount: number;
  private readonly publicEndpoint?: PublicEndpoint;

  /**
   * @throws InvalidOptionError when an option is invalid, or when another backend of the ingress uses the
   * gateway's path.
   */
  constructor(scope: Construct, id: string, props: MetricsGatewayProps) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, METRICS_GATEWAY_OPTIONS);
    const { store, storage, ingress } = options;
    validateOptions(this, { storage: [storage, queueVolumeSizeRule(store.writeUrls.length)] });
    const workload = createGatewayWorkload(this, options, () => labelsAddedByGuard(this.publicEndpoint));
    workload.network.allowConnectionTo(store.writeServer);
    this.workload = workload;
    this.filters = listWriteFilters(store);
    this.writeUrlCount = store.writeUrls.length;
    this.scrapeConfigs = this.scrapeConfigsFor(0);
    this.scrapeServers = ['http', 'write', ...this.filters.map(({ portName }) => portName)].map((port) =>
      workload.serverForNetworkPolicies(port),
    );
    this.publicEndpoint = ingress && exposeRemoteWrite(workload, ingress);
    this.pushes =
      ingress && options.pushPrefix
        ? exposePushgatewayProtocol(workload, ingress, options.pushPrefix)
        : undefined;
  }

  /**
   * Returns the jobs with which one replica of the store, such as a Prometheus, scrapes the gateway. The jobs of two
   * store replicas differ in two points.
   * Write filters: a store replica scrapes only the write filter that writes to this store replica, because all filters
   * count the same samples.
   * Queues of vmagent: metrics about the queue for another store replica get the label `other_replica`, because the
   * samples in that queue are not missing in this store replica.
   * @param replica index of the store's replica, from 0
   */
  scrapeConfigsFor(replica: number): readonly ScrapeConfig[] {
    const { workload, filters, writeUrlCount } = this;
    const others = Array.from({ length: writeUrlCount }, (_, index) => index + 1).filter(
      (n) => n !== replica + 1,
    );
    const own = filters[replica];
    return [
      {
        ...scrapeJobOfGatewayContainer(workload, '', 'http'),
        ...(others.length && { metric_relabel_configs: [relabelingOfQueuesForOtherStoreReplicas(others)] }),
      },
      scrapeJobOfGatewayContainer(workload, '-limiter', 'write', KEEP_NODE_LABELS),
      ...(own ? [scrapeJobOfGatewayContainer(workload, '-filter', own.portName, KEEP_NODE_LABELS)] : []),
    ];
  }

  get endpoint(): PublicEndpoint {
    if (!this.publicEndpoint)
      throw optionError(
        this,
        'edge nodes cannot reach the metrics gateway, because it has no ingress: set the option "ingress"',
      );
    return this.publicEndpoint;
  }
}

/**
 * Returns whether the guard adds the group of the user, or the node of the client certificate, to each request. At most
 * one of the two fields is true. Without an endpoint, both are false.
 */
const labelsAddedByGuard = (endpoint?: PublicEndpoint): LabelsAddedByGuard => ({
  group: endpoint?.groups !== undefined,
  node: endpoint?.clientCertificate !== undefined,
});

/**
 * Scrape option for metrics of the series limiter and the write filter. These metrics are about edge nodes, so
 * Prometheus must keep their label `node`.
 */
const KEEP_NODE_LABELS = { honor_labels: true };

/**
 * Returns the scrape job for one container in all replicas of the gateway.
 * @param program suffix of the job name, such as `-limiter`; empty for vmagent
 * @param port name of the container port
 * @param options additional scrape options
 */
const scrapeJobOfGatewayContainer = (
  workload: CloudWorkload,
  program: string,
  port: string,
  options = {},
): ScrapeConfig => ({
  job_name: `${workload.name}${program}`,
  ...options,
  static_configs: [{ targets: workload.replicaAddresses(port) }],
});

/**
 * Returns the relabeling that adds the label `other_replica="true"` to metrics about queues for other replicas of
 * the store. vmagent's label `url` starts with the number of the queue, such as `2:http://...`.
 * @param others numbers of the queues for other replicas of the store
 */
const relabelingOfQueuesForOtherStoreReplicas = (others: readonly number[]): RelabelConfig => ({
  source_labels: ['url'],
  regex: `(${others.join('|')}):.*`,
  target_label: 'other_replica',
  replacement: 'true',
});

/**
 * Exposes the remote-write path to edge nodes. Only POST requests are allowed. The guard balances the requests over the
 * replicas. To the URL query of each request, the guard adds the user's group, or the node in the client certificate.
 */
function exposeRemoteWrite(workload: CloudWorkload, ingress: BasicAuthIngress): PublicEndpoint {
  return ingress.expose({
    namespace: workload.namespace,
    serviceName: workload.name,
    server: workload.serverForNetworkPolicies('write'),
    paths: [REMOTE_WRITE_PATH],
    pushes: {
      methods: ['POST'],
      path: REMOTE_WRITE_PATH,
      unsupported: REMOTE_WRITE_2,
    },
    groupStamp: 'extra-label',
    pushedByNodes: true,
  });
}

/**
 * Exposes the path for workloads that push with Pushgateway's protocol. Returns the sink for these workloads.
 * @param prefix path before `/metrics/job/`
 */
function exposePushgatewayProtocol(
  workload: CloudWorkload,
  ingress: BasicAuthIngress,
  prefix: string,
): PushgatewaySink {
  const endpoint = ingress.expose({
    namespace: workload.namespace,
    serviceName: workload.name,
    server: workload.serverForNetworkPolicies('write'),
    basePath: prefix,
    paths: [`${prefix}/metrics`],
    pushes: {
      methods: ['PUT', 'POST'],
      path: `${prefix.replaceAll('.', '\\.')}${GROUP_PATH}`,
      pathRule: GROUP_PATH_MESSAGE,
    },
    groupStamp: 'extra-label',
  });
  return {
    protocol: 'pushgateway',
    endpoint,
    connect: (client, options) => configureWorkloadToPushMetrics(endpoint, client, options),
  };
}

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
 * Takes the samples of all edge nodes by remote write, says which cluster and group they are of, and hands them
 * to a store; while that is away they wait on a volume. vmagents, which are pushed to through a guard.
 */
export class MetricsGateway extends Construct implements RemoteWriteSink, ScrapeTarget {
  readonly protocol = 'remote-write';
  readonly encoding = 'zstd';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  /** Where workloads push that push by themselves, in Pushgateway's protocol. @default - `pushPrefix` is not set */
  readonly pushes?: PushgatewaySink;
  private readonly publicEndpoint?: PublicEndpoint;

  /** @throws InvalidOptionError when an option is not allowed, or when its path of the ingress is taken. */
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

/** What its programs are called in the names of jobs. */
const JOBS: Readonly<Record<string, string>> = { http: '', write: '-limiter', filter: '-filter' };

/** Series of the programs beside the vmagent are about nodes, and keep the nodes' labels. */
const scrapeJob = (workload: CloudWorkload, port: string): ScrapeConfig => ({
  job_name: `${workload.name}${JOBS[port]}`,
  ...(port !== 'http' && { honor_labels: true }),
  static_configs: [{ targets: workload.replicaAddresses(port) }],
});

/** Only pushes come in; the guard spreads them over the replicas, and says whose they are. */
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

/** Pushes of single programs come in beside, to a path of their own. */
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

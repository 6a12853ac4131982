import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../access/basic-auth-ingress';
import { connectPushClient } from '../access/push-client';
import type { PublicEndpoint } from '../contracts/endpoint';
import type { PushClientOptions, PushgatewaySink } from '../contracts/metrics-sink';
import type { NetworkServer } from '../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../contracts/scrape-target';
import { CloudWorkload } from '../core/cloud-workload';
import type { Resources } from '../core/pods';
import { httpProbes } from '../core/probes';
import type { Duration, Quantity } from '../core/units';
import { interval, invalid, pathPrefix, verify } from '../core/validation';

/** What a Pushgateway is made of. */
export interface PushgatewayProps {
  /** @default "pushgateway" */
  readonly name?: string;
  readonly namespace?: string;
  /** What puts it within reach of the edge. @default - reachable inside the cluster only */
  readonly ingress?: BasicAuthIngress;
  /** Path before its own ones, so that several share a host. @default - none */
  readonly routePrefix?: string;
  /**
   * Whether a push is refused that contradicts what is stored. Checking gathers the whole store at
   * each push (measured: 364 % of a core at 200 nodes, 10 % without); not checking lets one bad push
   * spoil the whole scrape while it is stored. Check what people write, not what one exporter does.
   * @default true
   */
  readonly consistencyCheck?: boolean;
  /** How often Prometheus reads it. @default "10s" - as often as the edge pushes */
  readonly scrapeInterval?: Duration;
  /** Volume for what was pushed last. @default "2Gi" */
  readonly storage?: Quantity;
  /** @default - 100m of a core, 128Mi of memory, at most 512Mi (measured: 322Mi for 500 nodes) */
  readonly resources?: Resources;
}

const PORT = 9091;

/** Keeps what the edge pushed last, over restarts too, for Prometheus to read. */
export class Pushgateway extends Construct implements PushgatewaySink, ScrapeTarget {
  readonly protocol = 'pushgateway';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly publicEndpoint?: PublicEndpoint;

  /** @throws InvalidOptionError when an option is not allowed, or when its path of the ingress is taken. */
  constructor(scope: Construct, id: string, props: PushgatewayProps = {}) {
    super(scope, id);
    verify(this, {
      routePrefix: [props.routePrefix, pathPrefix],
      scrapeInterval: [props.scrapeInterval, interval],
    });
    const workload = makeWorkload(this, props);
    this.scrapeConfigs = [scrapeConfig(workload, props)];
    this.scrapeServers = [workload.server('http')];
    this.publicEndpoint = props.ingress && expose(workload, props.ingress, props.routePrefix);
  }

  get endpoint(): PublicEndpoint {
    if (!this.publicEndpoint) throw invalid(this, 'nothing at the edge can reach it: give it an `ingress`');
    return this.publicEndpoint;
  }

  connect(workload: Construct, options?: PushClientOptions): void {
    connectPushClient(this.endpoint, workload, options);
  }
}

function makeWorkload(scope: Construct, props: PushgatewayProps): CloudWorkload {
  const { routePrefix = '', consistencyCheck = true } = props;
  return new CloudWorkload(scope, 'Default', {
    name: props.name ?? 'pushgateway',
    namespace: props.namespace,
    image: 'pushgateway',
    uid: 65_534,
    ports: { http: PORT },
    storage: { size: props.storage ?? '2Gi', mountPath: '/data' },
    container: {
      args: [
        `--web.listen-address=:${PORT}`,
        ...(routePrefix ? [`--web.route-prefix=${routePrefix}`] : []),
        '--persistence.file=/data/metrics',
        '--persistence.interval=1m',
        ...(consistencyCheck ? [] : ['--push.disable-consistency-check']),
      ],
      resources: props.resources ?? { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' },
      ...httpProbes({ ready: `${routePrefix}/-/ready`, live: `${routePrefix}/-/healthy` }),
    },
  });
}

/** Pushed labels count; the node is what the grouping key calls hostname. */
function scrapeConfig(workload: CloudWorkload, props: PushgatewayProps): ScrapeConfig {
  return {
    job_name: workload.name,
    honor_labels: true,
    scrape_interval: props.scrapeInterval ?? '10s',
    metrics_path: `${props.routePrefix ?? ''}/metrics`,
    static_configs: [{ targets: [workload.address('http')] }],
    metric_relabel_configs: [
      { source_labels: ['hostname'], regex: '(.+)', target_label: 'node', replacement: '$1' },
      // Rules tell by it whose silence is a fault: exporters push all the time, business services when they like.
      {
        source_labels: ['__name__'],
        regex: 'push_(failure_)?time_seconds',
        target_label: 'pushgateway',
        replacement: workload.name,
      },
    ],
  };
}

/** Every path that is pushed to begins with `/metrics`, base64 grouping keys (`/metrics/job@base64/`) too. */
function expose(workload: CloudWorkload, ingress: BasicAuthIngress, routePrefix = ''): PublicEndpoint {
  return ingress.expose({
    namespace: workload.namespace,
    serviceName: workload.name,
    server: workload.server('http'),
    basePath: routePrefix,
    paths: [`${routePrefix}/metrics`],
    pushes: {
      methods: ['PUT', 'POST'],
      path: `${routePrefix.replaceAll('.', '\\.')}/metrics/job(@base64)?/[^/]+(/[^/]+/[^/]*)*`,
    },
    groupStamp: 'grouping-key',
  });
}

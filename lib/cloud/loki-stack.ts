import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../access/basic-auth-ingress';
import type { DataSource, GrafanaDataSource } from '../contracts/data-source';
import type { PublicEndpoint } from '../contracts/endpoint';
import { LOKI_PUSH_PATH, type LogSink } from '../contracts/log-sink';
import type { NetworkServer } from '../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../contracts/scrape-target';
import { yaml } from '../core/config-files';
import type { Resources } from '../core/pods';
import { type Duration, type Quantity, seconds } from '../core/units';
import { duration, invalid, quantity, type Rule, verify } from '../core/validation';
import { CloudWorkload } from './cloud-workload';
import { httpProbes } from './probes';

/** What a LokiStack is made of. */
export interface LokiStackProps {
  /** @default "loki" */
  readonly name?: string;
  readonly namespace?: string;
  /** What puts it within reach of the edge. @default - reachable inside the cluster only */
  readonly ingress?: BasicAuthIngress;
  /** How long lines are kept, at least `1d`: an index file holds a day. @default "30d" */
  readonly retention?: Duration;
  /** Size of the volume. @default "50Gi" */
  readonly storage?: Quantity;
  /** @default - 100m of a core, 256Mi of memory, at most 1Gi */
  readonly resources?: Resources;
}

const PORTS = { http: 3100, grpc: 9095 };
const DATA_DIR = '/loki';

const retention: Rule = {
  allowed: 'a duration of at least a day, such as "30d"',
  accepts: (value) => duration.accepts(value) && seconds(value as Duration) >= seconds('1d'),
};

/** Loki as one program on a volume: it takes lines from edge and cloud, and forgets them in time. */
export class LokiStack extends Construct implements LogSink, DataSource, ScrapeTarget {
  /** Where collectors inside the cluster push to. */
  readonly clusterPushUrl: string;
  readonly pushServer: NetworkServer;
  readonly queryServer: NetworkServer;
  readonly dataSource: GrafanaDataSource;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly publicEndpoint?: PublicEndpoint;

  /** @throws InvalidOptionError when an option is not allowed, or the push path of the ingress is taken. */
  constructor(scope: Construct, id: string, props: LokiStackProps = {}) {
    super(scope, id);
    verify(this, { retention: [props.retention, retention], storage: [props.storage, quantity] });
    const workload = makeWorkload(this, props);
    const address = workload.address('http');
    const server = workload.server('http');
    this.clusterPushUrl = `http://${address}${LOKI_PUSH_PATH}`;
    this.pushServer = server;
    this.queryServer = server;
    this.dataSource = { name: 'Loki', uid: 'loki', type: 'loki', url: `http://${address}` };
    this.scrapeConfigs = [{ job_name: workload.name, static_configs: [{ targets: [address] }] }];
    this.scrapeServers = [server];
    this.publicEndpoint = props.ingress?.expose({
      namespace: workload.namespace,
      serviceName: workload.name,
      port: PORTS.http,
      paths: [LOKI_PUSH_PATH],
      admit: (client) => server.admit(client),
    });
  }

  get endpoint(): PublicEndpoint {
    if (!this.publicEndpoint) throw invalid(this, 'nothing at the edge can reach it: give it an `ingress`');
    return this.publicEndpoint;
  }
}

function makeWorkload(scope: Construct, props: LokiStackProps): CloudWorkload {
  return new CloudWorkload(scope, 'Default', {
    name: props.name ?? 'loki',
    namespace: props.namespace,
    image: 'loki',
    uid: 10_001,
    ports: PORTS,
    storage: { size: props.storage ?? '50Gi', mountPath: DATA_DIR },
    config: [
      {
        name: 'config',
        mountPath: '/etc/loki/config',
        files: () => ({ 'loki.yaml': yaml(configuration(props.retention ?? '30d')) }),
      },
    ],
    // It writes what it holds in memory to disk before it stops.
    terminationGracePeriodSeconds: 300,
    container: {
      args: ['-config.file=/etc/loki/config/loki.yaml', '-target=all'],
      resources: props.resources ?? { cpu: '100m', memory: '256Mi', memoryLimit: '1Gi' },
      ...httpProbes({ ready: '/ready', live: '/loki/api/v1/status/buildinfo', startSeconds: 600 }),
    },
  });
}

function configuration(kept: Duration): object {
  return {
    auth_enabled: false,
    server: { http_listen_port: PORTS.http, grpc_listen_port: PORTS.grpc },
    common: {
      path_prefix: DATA_DIR,
      replication_factor: 1,
      instance_addr: '127.0.0.1',
      ring: { kvstore: { store: 'inmemory' } },
      storage: {
        filesystem: { chunks_directory: `${DATA_DIR}/chunks`, rules_directory: `${DATA_DIR}/rules` },
      },
    },
    schema_config: {
      configs: [
        {
          from: '2024-04-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    compactor: {
      working_directory: `${DATA_DIR}/compactor`,
      retention_enabled: true,
      delete_request_store: 'filesystem',
    },
    // A replay after a crash stays well under the memory limit.
    ingester: { wal: { dir: `${DATA_DIR}/wal`, replay_memory_ceiling: '256MB' } },
    limits_config: {
      retention_period: `${seconds(kept) / 3_600}h`,
      // Edges deliver what they kept while their link was down.
      reject_old_samples: true,
      reject_old_samples_max_age: '168h',
    },
    analytics: { reporting_enabled: false },
  };
}

import { Construct } from 'constructs';
import type { AlertSink } from '../contracts/alert-sink';
import type { DataSource, GrafanaDataSource } from '../contracts/data-source';
import type { NetworkServer } from '../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../contracts/scrape-target';
import { CloudWorkload } from '../core/cloud-workload';
import { yaml } from '../core/config-files';
import { Platform } from '../core/platform';
import { fromField, type Resources } from '../core/pods';
import { httpProbes } from '../core/probes';
import type { Quantity } from '../core/units';
import { invalid, listOf, port, verify } from '../core/validation';

/** Where the Secret of the receivers is mounted: each of its keys is a file. */
export const RECEIVERS_DIR = '/etc/alertmanager/receivers';

/** A receiver in Alertmanager's own format. Secrets are files of the receivers' Secret, below RECEIVERS_DIR. */
export interface Receiver {
  readonly name: string;
  readonly [integration: `${string}_configs`]: readonly Readonly<Record<string, unknown>>[];
}

/** What an Alertmanager is made of. */
export interface AlertmanagerProps {
  /** @default "alertmanager" */
  readonly name?: string;
  readonly namespace?: string;
  /** @default 2 - alerts still go out while a node is drained */
  readonly replicas?: number;
  /** Who is told; the first one hears of everything. @default - nobody: alerts are only shown */
  readonly receivers?: readonly [Receiver, ...Receiver[]];
  /** The Secret whose keys are the files that receivers name. @default - none */
  readonly receiversSecretName?: string;
  /** Ports outside the cluster that receivers are reached on. @default - 443 and 587 */
  readonly receiverPorts?: readonly number[];
  /** Volume for silences and what was sent. @default "1Gi" */
  readonly storage?: Quantity;
  /** @default - 10m of a core, 32Mi of memory, at most 128Mi */
  readonly resources?: Resources;
}

const PORTS = { http: 9093, mesh: 9094 };

/** Fields of receivers that hold a secret; each has a twin that ends in `_file`. */
const SECRET_FIELDS =
  /^(api_url|url|webhook_url|password|auth_password|auth_secret|smtp_auth_password|api_key|api_secret|routing_key|service_key|bot_token|app_token|token|user_key|credentials|client_secret)$/;

/** Groups alerts, silences them and tells people. Its replicas agree on what was sent. */
export class Alertmanager extends Construct implements AlertSink, DataSource, ScrapeTarget {
  readonly alertmanagers: readonly string[];
  readonly alertServer: NetworkServer;
  readonly queryServer: NetworkServer;
  readonly dataSource: GrafanaDataSource;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];

  /** @throws InvalidOptionError when an option is not allowed, or a receiver holds a secret. */
  constructor(scope: Construct, id: string, props: AlertmanagerProps = {}) {
    super(scope, id);
    verify(this, { receiverPorts: [props.receiverPorts, listOf(port)] });
    const receivers = props.receivers ?? [{ name: 'default' }];
    for (const receiver of receivers) refuseSecrets(this, receiver.name, receiver);
    const workload = makeWorkload(this, props, receivers);
    this.alertmanagers = podNames(workload.name, workload.namespace, workload.replicas).map(
      (pod) => `${pod}:${PORTS.http}`,
    );
    this.alertServer = workload.server('http');
    this.queryServer = workload.server('http');
    this.scrapeServers = [workload.server('http')];
    this.scrapeConfigs = [{ job_name: workload.name, static_configs: [{ targets: this.alertmanagers }] }];
    this.dataSource = {
      name: 'Alertmanager',
      uid: 'alertmanager',
      type: 'alertmanager',
      url: `http://${workload.address('http')}`,
      jsonData: { implementation: 'prometheus' },
    };
    this.openNetwork(workload, props.receiverPorts ?? [443, 587]);
  }

  private openNetwork({ network }: CloudWorkload, receiverPorts: readonly number[]): void {
    network.admit(network.peer, PORTS.mesh, `${PORTS.mesh}/UDP`);
    network.reach(network.peer, PORTS.mesh, `${PORTS.mesh}/UDP`);
    network.reach({ cidrs: ['0.0.0.0/0'] }, ...receiverPorts);
  }
}

function makeWorkload(
  scope: Construct,
  props: AlertmanagerProps,
  receivers: readonly Receiver[],
): CloudWorkload {
  const { name = 'alertmanager', replicas = 2, receiversSecretName } = props;
  const namespace = Platform.of(scope).namespaceOf(scope, 'cloud', props.namespace);
  return new CloudWorkload(scope, 'Default', {
    name,
    namespace,
    image: 'alertmanager',
    uid: 65_534,
    replicas,
    // Replicas find each other, and Prometheus each of them, by the names of the pods.
    headless: true,
    ports: PORTS,
    storage: { size: props.storage ?? '1Gi', mountPath: '/alertmanager' },
    config: [
      {
        name: 'config',
        mountPath: '/etc/alertmanager/config',
        files: () => ({ 'alertmanager.yaml': yaml(configuration(receivers)) }),
      },
    ],
    secrets: receiversSecretName ? { [RECEIVERS_DIR]: receiversSecretName } : {},
    container: {
      env: [fromField('POD_IP', 'status.podIP')],
      args: [
        '--config.file=/etc/alertmanager/config/alertmanager.yaml',
        '--storage.path=/alertmanager/data',
        `--web.listen-address=:${PORTS.http}`,
        `--cluster.listen-address=$(POD_IP):${PORTS.mesh}`,
        ...podNames(name, namespace, replicas).map((pod) => `--cluster.peer=${pod}:${PORTS.mesh}`),
      ],
      resources: props.resources ?? { cpu: '10m', memory: '32Mi', memoryLimit: '128Mi' },
      ...httpProbes({ ready: '/-/ready', live: '/-/healthy' }),
    },
  });
}

/** The DNS name of each replica's pod. */
function podNames(name: string, namespace: string, replicas: number): string[] {
  return Array.from({ length: replicas }, (_, ordinal) => `${name}-${ordinal}.${name}.${namespace}.svc`);
}

function configuration(receivers: readonly Receiver[]): object {
  return {
    route: {
      receiver: receivers[0]?.name,
      group_by: ['alertname', 'cluster'],
      group_wait: '30s',
      group_interval: '5m',
      repeat_interval: '12h',
    },
    receivers,
  };
}

function refuseSecrets(scope: Construct, path: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [field, held] of Object.entries(value)) {
    const at = `${path}.${field}`;
    if (SECRET_FIELDS.test(field)) {
      throw invalid(
        scope,
        `receivers: ${at} would write a secret into the manifests: use ${field}_file with a path below ${RECEIVERS_DIR}, a key of the Secret \`receiversSecretName\``,
      );
    }
    refuseSecrets(scope, at, held);
  }
}

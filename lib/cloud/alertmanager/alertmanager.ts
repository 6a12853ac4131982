import { Construct } from 'constructs';
import type { InhibitingAlertSink } from '../../contracts/alert-sink';
import type { DataSource, GrafanaDataSource } from '../../contracts/data-source';
import type { NetworkServer } from '../../contracts/network';
import type { RuleSource } from '../../contracts/rules';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { optionTableWithStorage } from '../../core/cloud-rules';
import { CloudWorkload } from '../../core/cloud-workload';
import { listRuleWithSingleError, objectName, port, wholeNumberRule } from '../../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import { Platform } from '../../core/platform';
import { envFromField, type Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { anything } from '../../core/structure-rules';
import type { Quantity } from '../../core/units';
import { optionError, validateOptions } from '../../core/validation';
import { yaml } from '../../core/yaml';
import {
  alertmanagerConfig,
  type Routing,
  validateAndConvertInhibitionRules,
  valuesAndChecksOfRoutingOptions,
} from './config';
import notification from './notification.tmpl';
import { RECEIVERS_DIR } from './receivers';
import { needsRobotRelay, RELAY_FILES, RELAY_PORT, RELAY_VOLUME, robotRelayContainer } from './robot-relay';

/** Properties for `Alertmanager`. */
export interface AlertmanagerProps extends Routing {
  /** Name of the Kubernetes objects and of the scrape job. @default "alertmanager" */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Number of replicas. Each replica gets every alert, and together the replicas send each notification once.
   * @default 2 - notifications are still sent while a node is drained
   */
  readonly replicas?: number;
  /**
   * Name of the Secret with the passwords and URLs of receivers. Each key is a file that a receiver
   * references.
   * @default - no Secret is mounted
   */
  readonly receiversSecretName?: string;
  /**
   * Ports outside the cluster to which the network policy allows connections from Alertmanager.
   * @default - 443 (HTTPS) and 587 (SMTP)
   */
  readonly receiverPorts?: readonly number[];
  /** Size of each replica's volume, which stores silences and the notification log. @default "1Gi" */
  readonly storage?: Quantity;
  /** Resources of each replica. @default - requests: 10m CPU, 32Mi memory; limit: 128Mi memory */
  readonly resources?: Resources;
}

/**
 * Validation rule and default of the options that define routing. The rule accepts any value, because the
 * checks of `valuesAndChecksOfRoutingOptions` validate routes, receivers and time intervals together.
 */
const ROUTING = { rule: anything, default: undefined };

/** Validation rule and default of each option of `Alertmanager`. */
export const ALERTMANAGER_OPTIONS = {
  ...optionTableWithStorage('alertmanager', '1Gi', { cpu: '10m', memory: '32Mi', memoryLimit: '128Mi' }),
  receivers: ROUTING,
  routes: ROUTING,
  heartbeat: ROUTING,
  timeIntervals: ROUTING,
  replicas: { rule: wholeNumberRule(1, 100), default: 2 },
  receiversSecretName: { rule: objectName, default: undefined },
  receiverPorts: { rule: listRuleWithSingleError(port), default: [443, 587] },
} satisfies OptionTable<AlertmanagerProps>;

type AlertmanagerOptions = Options<AlertmanagerProps, typeof ALERTMANAGER_OPTIONS>;

const PORTS = { http: 9093, mesh: 9094 };

const CONFIG_DIR = '/etc/alertmanager/config';

/** Alertmanager groups alerts, applies silences and notifies receivers. Its replicas form a cluster. */
export class Alertmanager extends Construct implements InhibitingAlertSink, DataSource, ScrapeTarget {
  readonly component = 'alertmanager';
  readonly alertmanagers: readonly string[];
  readonly alertServer: NetworkServer;
  readonly queryServer: NetworkServer;
  readonly dataSource: GrafanaDataSource;
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly inhibitions: object[] = [];

  /**
   * @throws InvalidOptionError when an option is invalid, when a route names an unknown receiver, or when a
   * receiver contains a secret instead of a file reference.
   */
  constructor(scope: Construct, id: string, props: AlertmanagerProps = {}) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, ALERTMANAGER_OPTIONS);
    validateOptions(this, valuesAndChecksOfRoutingOptions(props));
    const workload = createAlertmanagerWorkload(this, options, () => this.inhibitions);
    this.alertmanagers = podDnsNames(workload.name, workload.namespace, workload.replicas).map(
      (pod) => `${pod}:${PORTS.http}`,
    );
    this.alertServer = workload.serverForNetworkPolicies('http');
    this.queryServer = workload.serverForNetworkPolicies('http');
    this.scrapeServers = [workload.serverForNetworkPolicies('http')];
    this.scrapeConfigs = [{ job_name: workload.name, static_configs: [{ targets: this.alertmanagers }] }];
    this.dataSource = {
      name: 'Alertmanager',
      uid: 'alertmanager',
      type: 'alertmanager',
      url: `http://${workload.serviceAddress('http')}`,
      jsonData: { implementation: 'prometheus' },
    };
    this.allowTrafficBetweenReplicasAndToReceivers(workload, options.receiverPorts);
  }

  /**
   * Adds the inhibition rules of a rule source, which mute alerts while another alert fires.
   * @throws InvalidOptionError when a rule in the source is invalid.
   */
  addInhibitions(source: RuleSource): void {
    this.inhibitions.push(...validateAndConvertInhibitionRules(this, source));
  }

  /** Opens the network policy for gossip between replicas, and for the ports of receivers outside the cluster. */
  private allowTrafficBetweenReplicasAndToReceivers(
    { network }: CloudWorkload,
    receiverPorts: readonly number[],
  ): void {
    network.allowIngressFrom(network.peer, PORTS.mesh, `${PORTS.mesh}/UDP`);
    network.allowEgressTo(network.peer, PORTS.mesh, `${PORTS.mesh}/UDP`);
    network.allowEgressTo({ anywhere: true }, ...receiverPorts);
  }
}

/**
 * Creates the StatefulSet of Alertmanager. A relay container is added if a receiver sends to a chat robot.
 * @param inhibitions returns the inhibition rules; called at the end of the synthesis, when all rules have been added
 * @throws InvalidOptionError when a receiver sends to a chat robot, but `receiversSecretName` is not set.
 */
function createAlertmanagerWorkload(
  scope: Construct,
  options: AlertmanagerOptions,
  inhibitions: () => readonly object[],
): CloudWorkload {
  const { name, namespace, replicas, receivers = [], receiversSecretName } = options;
  const relay = needsRobotRelay(receivers);
  if (relay && !receiversSecretName) {
    throw optionError(
      scope,
      'receiversSecretName is not set, but a receiver sends to a chat robot: set receiversSecretName to the name of the Secret that holds the URLs of the robots',
    );
  }
  return new CloudWorkload(scope, 'Default', {
    name,
    namespace,
    image: 'alertmanager',
    uid: 65_534,
    replicas,
    // Replicas connect to each other by the DNS names of their pods. Prometheus scrapes each pod by its DNS
    // name.
    headless: true,
    ports: { ...PORTS, ...(relay && { relay: RELAY_PORT }) },
    storage: { size: options.storage, mountPath: '/alertmanager' },
    config: [
      {
        name: 'config',
        mountPath: CONFIG_DIR,
        files: () => ({
          'alertmanager.yaml': yaml(alertmanagerConfig(options, inhibitions(), `${CONFIG_DIR}/*.tmpl`)),
          'notification.tmpl': notification,
        }),
      },
      ...(relay ? [{ name: RELAY_VOLUME, files: () => RELAY_FILES }] : []),
    ],
    sidecars: relay ? [robotRelayContainer(receivers, Platform.of(scope).image('node'))] : [],
    secrets: receiversSecretName ? { [RECEIVERS_DIR]: receiversSecretName } : {},
    container: {
      env: [envFromField('POD_IP', 'status.podIP')],
      args: [
        `--config.file=${CONFIG_DIR}/alertmanager.yaml`,
        '--storage.path=/alertmanager/data',
        `--web.listen-address=:${PORTS.http}`,
        // In an address with a port, brackets are required around IPv6 addresses and allowed around IPv4 addresses.
        `--cluster.listen-address=[$(POD_IP)]:${PORTS.mesh}`,
        ...podDnsNames(name, namespace, replicas).map((pod) => `--cluster.peer=${pod}:${PORTS.mesh}`),
      ],
      resources: options.resources,
      ...httpProbes({ ready: '/-/ready', live: '/-/healthy' }),
    },
  });
}

/** Returns the DNS name of each pod, such as `alertmanager-0.alertmanager.monitoring.svc`. */
function podDnsNames(name: string, namespace: string, replicas: number): string[] {
  return Array.from({ length: replicas }, (_, ordinal) => `${name}-${ordinal}.${name}.${namespace}.svc`);
}

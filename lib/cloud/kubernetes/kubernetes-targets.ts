import { Construct } from 'constructs';
import type { MetricsStore } from '../../contracts/metrics-store';
import type { NetworkServer } from '../../contracts/network';
import type { RelabelConfig, ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { k8s } from '../../core/k8s';
import { Identity } from '../../core/labels';
import { createApiObject } from '../../core/objects';
import { type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import { API_SERVER_PORTS } from '../../core/permissions';
import { Platform } from '../../core/platform';
import { objectWithAtLeastFieldsRule } from '../../core/structure-rules';

/** Port of the kubelet on each node. */
const KUBELET_PORT = 10_250;

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Relabeling that drops edge nodes from the discovered targets. Prometheus cannot reach edge nodes, so they push their
 * metrics.
 */
export const CLOUD_NODES_ONLY: RelabelConfig = {
  source_labels: ['__meta_kubernetes_node_labelpresent_node_role_kubernetes_io_edge'],
  regex: 'true',
  action: 'drop',
};

/** Relabeling that sets the label `node` of a discovered target to the name of the Kubernetes node. */
export const NODE_LABEL: RelabelConfig = {
  source_labels: ['__meta_kubernetes_node_name'],
  target_label: 'node',
};

/**
 * Regular expression for the API server's metrics that Prometheus drops: histogram buckets of request durations and
 * response sizes. These buckets are most of the API server's series, and no rule of this project uses the buckets.
 */
const API_SERVER_BUCKETS =
  '(apiserver_request|apiserver_request_sl[io]|apiserver_response_sizes|etcd_request)(_duration_seconds)?_bucket';

/** Properties for `KubernetesTargets`. */
export interface KubernetesTargetsProps {
  /** Metrics store that scrapes the targets. */
  readonly store: MetricsStore;
}

/** Validation rule of each option of `KubernetesTargets`. */
export const KUBERNETES_TARGETS_OPTIONS = {
  store: {
    rule: objectWithAtLeastFieldsRule(
      'a Prometheus construct, or metricsStore of a CloudChart',
      'serviceAccount',
    ),
    renamedFrom: 'prometheus',
  },
} satisfies OptionTable<KubernetesTargetsProps>;

/** Scrape targets for the kubelets of cloud nodes and for the API servers, found by service discovery. */
export class KubernetesTargets extends Construct implements ScrapeTarget {
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];

  /**
   * Adds the targets to the metrics store, and allows the store's service account to discover the API
   * servers' addresses.
   * @throws InvalidOptionError when `store` is missing.
   */
  constructor(scope: Construct, id: string, props: KubernetesTargetsProps) {
    super(scope, id);
    const { store } = validateAndApplyDefaults(this, props, KUBERNETES_TARGETS_OPTIONS);
    this.scrapeConfigs = [
      kubeletScrapeJob('kubelet', '/metrics'),
      kubeletScrapeJob('cadvisor', '/metrics/cadvisor'),
      apiServerScrapeJob(),
    ];
    this.scrapeServers = [KUBELET_PORT, ...API_SERVER_PORTS].map((port) => this.nodesAsNetworkServer(port));
    this.allowStoreToDiscoverApiServers(store);
    store.addTarget(this);
  }

  /**
   * Returns a server that stands for one port of all nodes. The network policies of clients, such as Prometheus, allow
   * connections to this server. The server itself has no network policy, because network policies apply only to pods.
   */
  private nodesAsNetworkServer(port: number): NetworkServer {
    return { peer: { cidrs: Platform.of(this).nodeCidrs }, port, admit: () => {} };
  }

  /**
   * Creates a Role and a RoleBinding in the namespace `default`. With this Role, the store's service account can
   * discover the addresses of the API servers.
   */
  private allowStoreToDiscoverApiServers({ serviceAccount: { name, namespace } }: MetricsStore): void {
    const role = `${namespace}-${name}-discovery`;
    const metadata = { name: role, namespace: 'default', labels: new Identity(name).labels };
    const verbs = ['get', 'list', 'watch'];
    createApiObject(
      this,
      'Role',
      k8s.KubeRole.manifest({
        metadata,
        rules: [
          { apiGroups: [''], resources: ['services', 'pods'], verbs },
          { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs },
        ],
      }),
    );
    createApiObject(
      this,
      'RoleBinding',
      k8s.KubeRoleBinding.manifest({
        metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      }),
    );
  }
}

/** Returns the scrape job for one metrics path of the kubelets on all cloud nodes. */
function kubeletScrapeJob(job_name: string, metrics_path: string): ScrapeConfig {
  return {
    job_name,
    metrics_path,
    honor_timestamps: false,
    // Certificates of kubelets are not verified, because kubelets use self-signed certificates by default.
    ...scrapeOptionsWithServiceAccountToken({ insecure_skip_verify: true }),
    kubernetes_sd_configs: [{ role: 'node' }],
    relabel_configs: [CLOUD_NODES_ONLY, NODE_LABEL],
  };
}

/** Returns the scrape job for the API servers. */
function apiServerScrapeJob(): ScrapeConfig {
  return {
    job_name: 'apiserver',
    ...scrapeOptionsWithServiceAccountToken({ server_name: 'kubernetes.default.svc' }),
    kubernetes_sd_configs: [{ role: 'endpointslice', namespaces: { names: ['default'] } }],
    relabel_configs: [
      {
        source_labels: ['__meta_kubernetes_service_name', '__meta_kubernetes_endpointslice_port_name'],
        regex: 'kubernetes;https',
        action: 'keep',
      },
    ],
    metric_relabel_configs: [{ source_labels: ['__name__'], regex: API_SERVER_BUCKETS, action: 'drop' }],
  };
}

/**
 * Returns the scrape options for HTTPS with the token and the CA certificate of the scraper's service account.
 * @param tls additional fields of `tls_config`
 */
function scrapeOptionsWithServiceAccountToken(
  tls: Readonly<Record<string, unknown>>,
): Omit<ScrapeConfig, 'job_name'> {
  return {
    scheme: 'https',
    authorization: { credentials_file: `${SERVICE_ACCOUNT}/token` },
    tls_config: { ca_file: `${SERVICE_ACCOUNT}/ca.crt`, ...tls },
  };
}

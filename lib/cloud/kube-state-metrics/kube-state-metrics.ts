import { Construct } from 'constructs';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { commonCloudOptionTable } from '../../core/cloud-rules';
import { CloudWorkload } from '../../core/cloud-workload';
import type { k8s } from '../../core/k8s';
import { labelKey, listRuleWithSingleError } from '../../core/option-rules';
import { type Options, type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import { Platform } from '../../core/platform';
import type { Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';

/** Properties for `KubeStateMetrics`. */
export interface KubeStateMetricsProps {
  /**
   * Name of the Kubernetes objects and of the scrape job. A second job with the suffix `-self` scrapes
   * kube-state-metrics' metrics about itself.
   * @default "kube-state-metrics"
   */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `cloud` namespace */
  readonly namespace?: string;
  /**
   * Keys of the Kubernetes node labels to expose in the metric `kube_node_labels`. Pass the labels that define groups
   * of edge nodes.
   * @default - no node labels are exposed
   */
  readonly nodeLabels?: readonly string[];
  /** Resources of kube-state-metrics. @default - requests: 10m CPU, 64Mi memory; limit: 256Mi memory */
  readonly resources?: Resources;
}

/** Validation rule and default of each option of `KubeStateMetrics`. */
export const KUBE_STATE_METRICS_OPTIONS = {
  ...commonCloudOptionTable('kube-state-metrics', { cpu: '10m', memory: '64Mi', memoryLimit: '256Mi' }),
  nodeLabels: { rule: listRuleWithSingleError(labelKey), default: [] },
} satisfies OptionTable<KubeStateMetricsProps>;

const PORTS = { http: 8080, telemetry: 8081 };

/**
 * Kubernetes resources to watch, by API group. Secrets and ConfigMaps are not watched, because no rule or dashboard
 * needs metrics about them.
 */
const WATCHED_BY_API_GROUP: Readonly<Record<string, readonly string[]>> = {
  '': [
    'limitranges',
    'namespaces',
    'nodes',
    'persistentvolumeclaims',
    'persistentvolumes',
    'pods',
    'replicationcontrollers',
    'resourcequotas',
    'services',
  ],
  apps: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
  autoscaling: ['horizontalpodautoscalers'],
  batch: ['cronjobs', 'jobs'],
  'networking.k8s.io': ['ingresses', 'networkpolicies'],
  policy: ['poddisruptionbudgets'],
  'storage.k8s.io': ['storageclasses', 'volumeattachments'],
};

/**
 * kube-state-metrics, which exposes the state of Kubernetes objects as metrics: nodes (including edge nodes),
 * pods, deployments and others.
 */
export class KubeStateMetrics extends Construct implements ScrapeTarget {
  readonly component = 'kube-state-metrics';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];

  /** @throws InvalidOptionError when an option is invalid. */
  constructor(scope: Construct, id: string, props: KubeStateMetricsProps = {}) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, KUBE_STATE_METRICS_OPTIONS);
    const watched = watchedResourcesByApiGroup(Platform.of(this).kubernetesMinor);
    const workload = createKubeStateMetricsWorkload(this, options, watched);
    this.scrapeServers = [
      workload.serverForNetworkPolicies('http'),
      workload.serverForNetworkPolicies('telemetry'),
    ];
    this.scrapeConfigs = [
      {
        job_name: workload.name,
        // Keeps the labels namespace, pod and node of the Kubernetes object that a series is about. Without this
        // option, Prometheus would replace these labels by the labels of kube-state-metrics' own pod.
        honor_labels: true,
        static_configs: [{ targets: [workload.serviceAddress('http')] }],
      },
      {
        job_name: `${workload.name}-self`,
        static_configs: [{ targets: [workload.serviceAddress('telemetry')] }],
      },
    ];
  }
}

/**
 * Returns the Kubernetes resources to watch, by API group. Omits HorizontalPodAutoscalers if the Kubernetes version is
 * below 1.23, because kube-state-metrics needs the API `autoscaling/v2`.
 * @param kubernetesMinor minor version of Kubernetes, such as 30 for 1.30
 */
function watchedResourcesByApiGroup(kubernetesMinor: number): [string, readonly string[]][] {
  return Object.entries(WATCHED_BY_API_GROUP).filter(
    ([group]) => group !== 'autoscaling' || kubernetesMinor >= 23,
  );
}

function createKubeStateMetricsWorkload(
  scope: Construct,
  options: Options<KubeStateMetricsProps, typeof KUBE_STATE_METRICS_OPTIONS>,
  watched: readonly [string, readonly string[]][],
): CloudWorkload {
  const { name, namespace, nodeLabels } = options;
  return new CloudWorkload(scope, 'Default', {
    name,
    namespace,
    image: 'kubeStateMetrics',
    uid: 65_534,
    ports: PORTS,
    permissions: watched.map(
      ([group, resources]): k8s.PolicyRule => ({
        apiGroups: [group],
        resources: [...resources],
        verbs: ['list', 'watch'],
      }),
    ),
    container: {
      args: [
        `--port=${PORTS.http}`,
        `--telemetry-port=${PORTS.telemetry}`,
        `--resources=${watched
          .flatMap(([, resources]) => resources)
          .sort()
          .join(',')}`,
        ...(nodeLabels.length > 0
          ? [`--metric-labels-allowlist=nodes=[${[...new Set(nodeLabels)].sort().join(',')}]`]
          : []),
      ],
      resources: options.resources,
      // /livez fails when the API server is unavailable. A restart would not help, so /healthz is the
      // liveness probe.
      ...httpProbes({ ready: '/readyz', readyPort: 'telemetry', live: '/healthz' }),
    },
  });
}

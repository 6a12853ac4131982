import { Construct } from 'constructs';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { cloudOptions } from '../../core/cloud-rules';
import { CloudWorkload } from '../../core/cloud-workload';
import type { k8s } from '../../core/k8s';
import { labelKey, listOf } from '../../core/option-rules';
import { type Options, type OptionTable, optionsOf } from '../../core/option-table';
import { Platform } from '../../core/platform';
import type { Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';

/** Properties for `KubeStateMetrics`. */
export interface KubeStateMetricsProps {
  /** Name of its objects, and of the job that reads it; a job with `-self` at the end reads its own metrics. @default "kube-state-metrics" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** Labels of nodes that `kube_node_labels` shows: those by which groups of edge nodes are told apart. @default - none */
  readonly nodeLabels?: readonly string[];
  /** @default - 10m of a core, 64Mi of memory, at most 256Mi */
  readonly resources?: Resources;
}

/** The options of `KubeStateMetrics`. */
export const KUBE_STATE_METRICS_OPTIONS = {
  ...cloudOptions('kube-state-metrics', { cpu: '10m', memory: '64Mi', memoryLimit: '256Mi' }),
  nodeLabels: { rule: listOf(labelKey), default: [] },
} satisfies OptionTable<KubeStateMetricsProps>;

const PORTS = { http: 8080, telemetry: 8081 };

/** What is watched, by API group. Secrets and ConfigMaps are not: nobody needs them here. */
const WATCHED: Readonly<Record<string, readonly string[]>> = {
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

/** The state of the cluster's objects, those of the edge among them, as metrics. */
export class KubeStateMetrics extends Construct implements ScrapeTarget {
  readonly component = 'kube-state-metrics';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];

  /** @throws InvalidOptionError when an option is not allowed. */
  constructor(scope: Construct, id: string, props: KubeStateMetricsProps = {}) {
    super(scope, id);
    const options = optionsOf(this, props, KUBE_STATE_METRICS_OPTIONS);
    const watched = watchedBy(Platform.of(this).kubernetesMinor);
    const workload = makeWorkload(this, options, watched);
    this.scrapeServers = [workload.server('http'), workload.server('telemetry')];
    this.scrapeConfigs = [
      {
        job_name: workload.name,
        // The namespace, pod and node of a metric are those of the object, not of the exporter.
        honor_labels: true,
        static_configs: [{ targets: [workload.address('http')] }],
      },
      { job_name: `${workload.name}-self`, static_configs: [{ targets: [workload.address('telemetry')] }] },
    ];
  }
}

/** It reads HorizontalPodAutoscalers in version 2, which clusters serve from 1.23. */
function watchedBy(kubernetesMinor: number): [string, readonly string[]][] {
  return Object.entries(WATCHED).filter(([group]) => group !== 'autoscaling' || kubernetesMinor >= 23);
}

function makeWorkload(
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
      // Its /livez asks the API server.
      ...httpProbes({ ready: '/readyz', readyPort: 'telemetry', live: '/healthz' }),
    },
  });
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A topic: a chapter of the page of all settings. */
export interface Topic {
  readonly title: string;
  readonly text: string;
  /** Top-level settings of the topic, in the order of the page. */
  readonly settings: readonly string[];
}

/** The topics of the page, in order. Each top-level setting must belong to exactly one topic. */
export const TOPICS: readonly Topic[] = [
  {
    title: 'Cluster and namespaces',
    text: 'Name, version and nodes of the cluster, and the namespaces of the stack.',
    settings: [
      'cluster',
      'kubernetesVersion',
      'namespaces',
      'sharedNamespaces',
      'nodeCidrs',
      'cloudNodes',
      'scheduling',
      'commonLabels',
      'commonAnnotations',
    ],
  },
  {
    title: 'Public hosts and access',
    text: 'The hosts that edge nodes and people connect to, their certificates, users and Secrets. See [secrets](secrets.md), [ingress controllers](ingress-controllers.md) and [security](security.md).',
    settings: ['hosts', 'ingress', 'hostProbe', 'privateCa', 'secrets', 'secretStore'],
  },
  {
    title: 'Edge nodes',
    text: 'The agents on edge nodes, and how they send metrics and logs. `edge` applies to all nodes. A group in `edge.groups` overrides options for its own nodes. See [metrics](metrics.md), [logs](logs.md) and [devices](devices.md).',
    settings: ['edge'],
  },
  {
    title: 'Retention and volumes',
    text: 'How long data is kept, and the sizes of the volumes. With `edge.fleet`, the synthesis computes the sizes for your nodes: see [large fleets](fleets.md).',
    settings: ['retention', 'storage', 'longestOutage'],
  },
  {
    title: 'Metrics in the cloud',
    text: 'Components that receive and store metrics. See [metrics](metrics.md) and [stores of metrics](metrics-stores.md).',
    settings: ['metricsStore', 'metricsGateway', 'pushgateways'],
  },
  {
    title: 'Logs in the cloud',
    text: 'Loki, which stores the log lines. See [logs](logs.md).',
    settings: ['loki'],
  },
  {
    title: 'Alerts and dashboards',
    text: 'Thresholds of alerts, receivers of notifications, and Grafana. See [alerts](alerts.md) and [dashboards](dashboards.md).',
    settings: ['receivers', 'alerts', 'grafana'],
  },
  {
    title: 'Images and registries',
    text: 'The registries from which nodes pull images. See [private registries](registries.md).',
    settings: ['images', 'imagePullSecrets'],
  },
  {
    title: 'Argo CD',
    text: 'How Argo CD applies the manifests from git. See [Argo CD](argo-cd.md).',
    settings: ['gitOps'],
  },
];

const FOLDER = 'examples/settings';

/**
 * Returns a code block with the example for a heading, or `undefined` if there is no example file.
 * @param heading title of a topic, or path of a setting
 */
export function readExample(heading: string): string | undefined {
  const words = heading.toLowerCase().match(/[a-z]+/g) ?? [];
  const path = join(FOLDER, `${words.join('-')}.ts`);
  return existsSync(path) ? `\`\`\`ts\n${readFileSync(path, 'utf8')}\`\`\`` : undefined;
}

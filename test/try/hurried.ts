import { parse, stringify } from 'yaml';
import type { Cluster } from '../runtime/cluster';
import { CLOUD, EDGE } from '../stacks/reference-stack';
import type { Manifest } from '../support/manifests';

/** Interval between two scrapes of the real node, and between two sends. */
export const SEND_INTERVAL = '5s';

/** Scrape interval of Prometheus, and evaluation interval of rules. */
const INTERVAL = '2s';

/** Time until an alert fires. */
const WAIT = '10s';

/** Components that send metrics from edge nodes, and scrape configurations of their agents. */
const SENDERS = /^edge-(node-exporter|metrics-agent)/;
const AGENT_CONFIG = /^edge-metrics-agent.*-config$/;

/** Shown above each dashboard. */
export const HURRIED =
  `Here, nodes send every ${SEND_INTERVAL}, Prometheus scrapes its targets and evaluates rules every ${INTERVAL}, and alerts about edge ` +
  `nodes fire after ${WAIT}. The manifests have longer times.`;

/** Shortens the intervals of nodes, and of Prometheus's scrapes and alerts. */
export function hurry(cluster: Cluster): void {
  change(cluster, CLOUD, 'prometheus-config', (text) =>
    text.replace(/\b(evaluation_interval|scrape_interval): \w+/g, `$1: ${INTERVAL}`),
  );
  change(cluster, CLOUD, 'prometheus-rules', (text) =>
    stringify({ groups: parse(text).groups.map(hurriedGroup) }),
  );
  for (const daemonSet of cluster
    .objectsOfKind('DaemonSet')
    .filter(({ metadata }) => SENDERS.test(metadata.name)))
    cluster.apply(hurriedSender(daemonSet));
  for (const { metadata } of cluster.objectsOfKind('ConfigMap'))
    if (AGENT_CONFIG.test(metadata.name))
      change(cluster, EDGE, metadata.name, (text) =>
        text.replace(/\b(scrape_interval|scrape_timeout): \w+/g, `$1: ${SEND_INTERVAL}`),
      );
}

interface Group {
  readonly rules: readonly { readonly alert?: string; readonly for?: string }[];
}

const hurriedGroup = ({ rules, ...group }: Group) => ({
  ...group,
  interval: INTERVAL,
  rules: rules.map((rule) => (rule.for && rule.alert?.startsWith('Edge') ? { ...rule, for: WAIT } : rule)),
});

/** With the interval of a sidecar, and the longest wait of an agent until it sends. */
const hurriedSender = (daemonSet: Manifest): Manifest =>
  JSON.parse(
    JSON.stringify(daemonSet)
      .replace(/("name":"INTERVAL_SECONDS","value":)"\d+"/g, `$1"${Number.parseInt(SEND_INTERVAL, 10)}"`)
      .replace(/(-remoteWrite\.flushInterval=)\w+/g, `$1${SEND_INTERVAL}`),
  );

function change(cluster: Cluster, namespace: string, name: string, hurried: (text: string) => string): void {
  const { data, ...others } = cluster.object('ConfigMap', namespace, name);
  const files = Object.entries<string>(data).map(([file, text]) => [file, hurried(text)]);
  cluster.apply({ ...others, data: Object.fromEntries(files) });
}

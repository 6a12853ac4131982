import { App } from 'cdk8s';
import { parse } from 'yaml';
import {
  CloudChart,
  type MetricsStoreType,
  prometheus,
  prometheusOperator,
  remoteStore,
  type Settings,
  victoriaMetricsCluster,
} from '../../lib';
import { findWorkloads } from '../../lib/tools/graph/workload';
import { renderApp } from '../../lib/tools/synthesis/render';
import type { Manifest } from '../support/manifests';
import { minimalSettings } from '../support/settings';

const MIMIR = {
  write: { url: 'http://mimir.mimir.svc:8080/api/v1/push', peer: { namespace: 'mimir' } },
  query: { url: 'http://mimir.mimir.svc:8080/prometheus', peer: { namespace: 'mimir' } },
} as const;

const STORES: Readonly<Record<string, MetricsStoreType>> = {
  'one Prometheus': prometheus({ replicas: 1 }),
  'two replicas of Prometheus': prometheus({ replicas: 2 }),
  'a VictoriaMetrics cluster': victoriaMetricsCluster(),
  'a remote store': remoteStore(MIMIR),
  'a remote store with its own ruler': remoteStore({ ...MIMIR, rules: 'elsewhere' }),
  'a Prometheus Operator': prometheusOperator({ namespace: 'kps', labels: { release: 'kps' } }),
};

/** Pods in policies: of a workload of the manifests, or of others. */
interface Pods {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The pods of the operator, as it labels them. */
const operated = (kind: string): Pods => ({
  name: `${kind} of the operator`,
  namespace: 'kps',
  labels: {
    'app.kubernetes.io/name': kind,
    'app.kubernetes.io/instance': `kps-kube-prometheus-stack-${kind}`,
  },
});

/** Pods outside of the manifests, by the Service with which they are mentioned. */
const OTHERS: Readonly<Record<string, Pods>> = {
  'mimir/mimir': { name: 'mimir', namespace: 'mimir', labels: {} },
  'kps/prometheus-operated': operated('prometheus'),
  'kps/alertmanager-operated': operated('alertmanager'),
};
const OPERATED_GRAFANA = { ...operated('grafana'), labels: { 'app.kubernetes.io/name': 'grafana' } };

/** Hosts and ports of Services in a configuration file, or in the arguments and variables of a program. */
function addressesIn(text: string): [service: string, port: number][] {
  const found = [
    ...text.matchAll(/(https?:\/\/)?(?:[\w-]+\.)?([\w-]+)\.([\w-]+)\.svc(?::(\d+)|(?=\/))/g),
  ].map(([, scheme, name, namespace, port]): [string, number] => [
    `${namespace}/${name}`,
    Number(port ?? (scheme === 'https://' ? 443 : 80)),
  ]);
  // Fluent Bit has the port in a line of its own.
  const apart = [...text.matchAll(/host: ([\w-]+)\.([\w-]+)\.svc\n\s*port: (\d+)/g)].map(
    ([, name, namespace, port]): [string, number] => [`${namespace}/${name}`, Number(port)],
  );
  return [...found, ...apart, ...discoveredAddresses(text)];
}

/** Addresses that a scrape job looks up. */
function discoveredAddresses(text: string): [service: string, port: number][] {
  if (!/dns_?sd_?configs/i.test(text)) return [];
  const { scrape_configs: jobs = [parse(text)] } = parse(text);
  return jobs
    .flatMap(({ dns_sd_configs, dnsSDConfigs }: Manifest) => dns_sd_configs ?? dnsSDConfigs ?? [])
    .flatMap(({ names, port }: { names: string[]; port: number }) =>
      names.map((host) => {
        const [name, namespace] = host.split('.').slice(-3);
        return [`${namespace}/${name}`, port];
      }),
    );
}

/** A connection that a program is configured for. */
interface Connection {
  readonly from: Pods;
  readonly to: Pods;
  readonly port: number;
}

class Environment {
  readonly manifests: readonly Manifest[];
  readonly workloads: readonly Pods[];
  readonly named: readonly Connection[];

  constructor(metricsStore: MetricsStoreType) {
    const app = new App();
    const settings: Settings = {
      ...minimalSettings,
      edge: { transport: 'remote-write', groups: [{ name: 'pushing', transport: 'pushgateway' }] },
      metricsStore,
    };
    new CloudChart(app, 'cloud', { settings });
    const objects = renderApp(app);
    this.manifests = objects.map(({ manifest }) => manifest);
    this.workloads = findWorkloads(objects);
    const programs = findWorkloads(objects).map((one) => ({ from: one as Pods, texts: one.texts }));
    this.named = [...programs, ...this.operatorTexts()].flatMap(({ from, texts }) =>
      texts
        .flatMap(addressesIn)
        .flatMap(([service, port]) => this.behind(service, port).map((server) => ({ from, ...server }))),
    );
  }

  /** Configuration of the pods of the operator. */
  private operatorTexts(): { from: Pods; texts: string[] }[] {
    const specs = this.manifests.filter(({ kind }) => kind === 'ScrapeConfig').map(({ spec }) => spec);
    if (!specs.length) return [];
    const sources = this.manifests
      .filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.labels?.grafana_datasource)
      .flatMap(({ data }) => Object.values<string>(data));
    return [
      { from: operated('prometheus'), texts: specs.map((spec) => JSON.stringify(spec)) },
      { from: OPERATED_GRAFANA, texts: sources },
    ];
  }

  /** The pods behind a port of a Service, and their port. */
  private behind(service: string, port: number): { to: Pods; port: number }[] {
    const other = OTHERS[service];
    if (other) return [{ to: other, port }];
    const [namespace, name] = service.split('/');
    const found = this.manifests.find(
      ({ kind, metadata }) =>
        kind === 'Service' && metadata.namespace === namespace && metadata.name === name,
    );
    const to = this.workloads.find(
      (one) => one.namespace === namespace && found && matches(found.spec.selector, one.labels),
    );
    if (!to) return [];
    const { targetPort = port } = found?.spec.ports.find((one: { port: number }) => one.port === port) ?? {};
    return [{ to, port: this.portNumber(to, targetPort) }];
  }

  private portNumber({ name, namespace }: Pods, port: number | string): number {
    if (typeof port === 'number') return port;
    const workload = this.manifests.find(
      ({ spec, metadata }) => spec?.template && metadata.name === name && metadata.namespace === namespace,
    );
    const ports = workload?.spec.template.spec.containers.flatMap(
      ({ ports = [] }: { ports?: { name: string; containerPort: number }[] }) => ports,
    );
    return ports.find((one: { name: string }) => one.name === port)?.containerPort;
  }

  private policyOf({ name, namespace }: Pods): Manifest | undefined {
    return this.manifests.find(
      ({ kind, metadata }) =>
        kind === 'NetworkPolicy' && metadata.name === name && metadata.namespace === namespace,
    );
  }

  /** Whether the policies of both sides permit a connection; others' pods and those of the host have none here. */
  permits({ from, to, port }: Connection): boolean {
    const [outgoing, incoming] = [this.policyOf(from), this.policyOf(to)];
    const leaves = !outgoing || rulesFor(outgoing.spec.egress, to, port).length > 0;
    return leaves && (!incoming || rulesFor(incoming.spec.ingress, from, port).length > 0);
  }

  /** Connections between the pods of the manifests, and to the store outside of them, that policies permit. */
  permitted(): Connection[] {
    const known = [...this.workloads, ...Object.values(OTHERS), OPERATED_GRAFANA];
    return this.manifests
      .filter(({ kind, spec }) => kind === 'NetworkPolicy' && Object.keys(spec.podSelector).length)
      .flatMap(({ metadata, spec }) => {
        const own = this.workloads.find(
          (one) => one.namespace === metadata.namespace && matches(spec.podSelector.matchLabels, one.labels),
        );
        if (!own) return [];
        const each = (
          rules: readonly PolicyRule[] = [],
          connect: (other: Pods, port: number) => Connection,
        ) =>
          known.flatMap((other) =>
            [...new Set(rules.flatMap(({ ports }) => ports.map(({ port }) => port)))]
              .filter((port) => rulesFor(rules, other, port).length)
              .map((port) => connect(other, port)),
          );
        return [
          ...each(spec.egress, (to, port) => ({ from: own, to, port })),
          ...each(spec.ingress, (from, port) => ({ from, to: own, port })),
        ];
      });
  }
}

interface PolicyRule {
  readonly from?: readonly Manifest[];
  readonly to?: readonly Manifest[];
  readonly ports: readonly { readonly port: number }[];
}

const matches = (selector: Readonly<Record<string, string>>, labels: Pods['labels']): boolean =>
  Object.entries(selector).every(
    ([key, value]) => key === 'statefulset.kubernetes.io/pod-name' || labels[key] === value,
  );

/** Rules for pods and a port; those for address ranges are for others. */
function rulesFor(rules: readonly PolicyRule[] = [], pods: Pods, port: number): readonly PolicyRule[] {
  return rules.filter(
    ({ from, to, ports }) =>
      ports.some((one) => one.port === port) &&
      (from ?? to ?? []).some(
        ({ namespaceSelector, podSelector }) =>
          namespaceSelector?.matchLabels['kubernetes.io/metadata.name'] === pods.namespace &&
          matches(podSelector?.matchLabels ?? {}, pods.labels),
      ),
  );
}

const describeConnection = ({ from, to, port }: Connection): string => `${from.name} to ${to.name}:${port}`;
const describeAll = (all: readonly Connection[]): string[] =>
  [...new Set(all.map(describeConnection))].sort();

describe.each(Object.entries(STORES))('with %s', (_, store) => {
  const environment = new Environment(store);

  test('each connection that the configuration of a program names is permitted', () => {
    expect(environment.named.length).toBeGreaterThan(20);
    expect(describeAll(environment.named.filter((one) => !environment.permits(one)))).toEqual([]);
  });

  test('no other connection is permitted', () => {
    const named = describeAll(environment.named);
    expect(describeAll(environment.permitted()).filter((one) => !named.includes(one))).toEqual([]);
  });
});

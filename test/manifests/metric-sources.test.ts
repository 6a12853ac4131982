import { parse } from 'yaml';
import { listAgentMetricNames } from '../../lib/agents/log-agent';
import { defaultLogAgent, LOG_AGENTS } from '../../lib/agents/log-agents';
import { type Duration, toSeconds } from '../../lib/core/units';
import { replaceDashboardVariables } from '../support/dashboards';
import { EXAMPLE_NAMES, type ExampleName, exampleManifests } from '../support/examples';
import { findOnly, type Manifest } from '../support/manifests';
import { metricsInQuery, rangesInQuery } from '../support/promql';

/** Metrics of the program of a job, by name prefix. */
const EXPORTED: Readonly<Record<string, RegExp>> = {
  prometheus: /^prometheus_/,
  alertmanager: /^alertmanager_/,
  grafana: /^grafana_/,
  loki: /^loki_(?!source_|write_)/,
  pushgateway: /^push(gateway)?_/,
  'metrics-gateway': /^vm(agent)?_/,
  'metrics-gateway-filter': /^metrics_gateway_filter_/,
  'metrics-gateway-limiter': /^metrics_gateway_limiter_/,
  'kube-state-metrics': /^kube_(?!state_metrics)/,
  'kube-state-metrics-self': /^kube_state_metrics_/,
  kubelet: /^kubelet_/,
  'kubelet-resource': /^(node|pod|scrape)_/,
  cadvisor: /^container_/,
  'node-exporter': /^node_/,
  node_exporter: /^node_/,
  'edge-metrics-agent': /^(vm|vmagent|process)_/,
  'edge-log-collector': /^fluentbit_/,
  'log-collector': /^fluentbit_/,
  'ingress-nginx': /^nginx_ingress_controller_/,
  traefik: /^traefik_/,
};

/** The exporter of these depends on the components of an environment. */
const BY_CHOICE: Readonly<Record<string, string>> = {
  push_time_seconds: 'where exporters push to a Pushgateway, or services to a gateway',
  edge_pushes_refused_total: 'where services push to the agent of their node',
  exporter_target_up: 'where a sidecar pushes for an exporter with several targets',
  probe_success: 'where blackbox_exporter is one of them, or public hosts are probed',
  probe_ssl_earliest_cert_expiry: 'where public hosts are probed',
  node_admission_list_confirmed_timestamp_seconds: 'where nodes show certificates',
  node_admission_refused_total: 'where nodes show certificates',
  certmanager_certificate_expiration_timestamp_seconds: 'where cert-manager keeps the certificates',
  nginx_ingress_controller_ssl_expire_time_seconds: 'where ingress-nginx serves the certificates',
  traefik_tls_certs_not_after: 'where Traefik serves the certificates',
  ...Object.fromEntries(
    Object.values(LOG_AGENTS).flatMap(({ name, metrics }) =>
      metrics && name !== defaultLogAgent().name
        ? listAgentMetricNames(metrics).map((metric) => [metric, `where ${name} is the log agent`])
        : [],
    ),
  ),
};

/** Metrics of Prometheus, or an agent, about every target and rule. */
const OF_EVERY_TARGET =
  /^(ALERTS|up|scrape_(duration_seconds|series_current|samples_(scraped|post_metric_relabeling))|process_\w+)$/;

/** Jobs of the cloud side with metrics about edge nodes. */
const ABOUT_THE_EDGE = /^(pushgateway.*|metrics-gateway.*|kube-state-metrics)$/;

interface Job {
  readonly job_name: string;
  readonly scrape_interval?: string;
  readonly metric_relabel_configs?: readonly {
    readonly if?: string;
    readonly source_labels?: readonly string[];
    readonly regex?: string;
    readonly action?: string;
  }[];
}

/** Whether what a job exports by that name is also kept of it. */
function gives({ job_name, metric_relabel_configs: steps = [] }: Job, name: string): boolean {
  const known = EXPORTED[job_name] ?? EXPORTED[job_name.replace(/-(services|slow|\d+)$/, '')];
  if (!known?.test(name)) return false;
  return steps.every((step) => {
    const whole = (expression: string) => new RegExp(`^(?:${expression})$`).test(name);
    const conditions = [...(step.if ?? '').matchAll(/__name__(=~|!~)"((?:[^"\\]|\\.)*)"/g)];
    if (step.action === 'drop' && /^\{(__name__[^,]+"(,(?=__name__))?)+\}$/.test(step.if ?? '')) {
      return !conditions.every(
        ([, sign, expression]) => whole(JSON.parse(`"${expression}"`)) === (sign === '=~'),
      );
    }
    if (step.source_labels?.join() !== '__name__' || step.regex === undefined) return true;
    return step.action === 'drop' ? !whole(step.regex) : step.action !== 'keep' || whole(step.regex);
  });
}

interface Asked {
  readonly by: string;
  readonly names: readonly string[];
}

const questions = (objects: readonly Manifest[]) => {
  const { data } = findOnly(objects, 'ConfigMap', 'prometheus-rules');
  return Object.values(data as Record<string, string>).flatMap((text) =>
    parse(text).groups.flatMap(({ name, rules }: { name: string; rules: Record<string, string>[] }) =>
      rules.map(({ alert, record, expr = '' }) => ({
        group: name,
        record,
        by: `${alert ?? record}`,
        names: metricsInQuery(expr),
      })),
    ),
  ) as (Asked & { group: string; record?: string })[];
};

/** All replicas of Prometheus scrape the same. */
function jobsOf(objects: readonly Manifest[]): Job[] {
  const { data } = findOnly(objects as Manifest[], 'ConfigMap', 'prometheus-config');
  const [config = ''] = Object.values<string>(data);
  return parse(config).scrape_configs;
}

/** Metrics that agents of each node group scrape; without agents, those that sidecars push. */
function edgeJobs(example: ExampleName): (readonly [group: string, jobs: readonly Job[]])[] {
  const objects = exampleManifests(example, 'edge');
  const configs = objects.filter(({ metadata }) => /^edge-metrics-agent(-\w+)?-config$/.test(metadata.name));
  return configs.length
    ? configs.map(({ metadata, data }) => [metadata.name, parse(data['jobs.yaml'])] as const)
    : [['edge-node-exporter', [{ job_name: 'node_exporter' }]] as const];
}

const missing = (asked: readonly Asked[], jobs: readonly Job[], recorded: ReadonlySet<string>) =>
  asked.flatMap(({ by, names }) =>
    names
      .filter((name) => !recorded.has(name) && !OF_EVERY_TARGET.test(name) && !(name in BY_CHOICE))
      .filter((name) => !jobs.some((job) => gives(job, name)))
      .map((name) => `${by}: ${name}`),
  );

describe.each(EXAMPLE_NAMES)('in %s', (example) => {
  const cloud = exampleManifests(example, 'cloud');
  const asked = questions(cloud);
  const recorded = new Set(asked.flatMap(({ record }) => record ?? []));
  const jobs = jobsOf(cloud);

  test('what rules about the cloud ask for is read from somewhere', () => {
    expect(
      missing(
        asked.filter(({ group }) => !group.startsWith('edge-')),
        jobs,
        recorded,
      ),
    ).toEqual([]);
  });

  test.each(edgeJobs(example))('what rules about the edge ask for is sent by its nodes: %s', (_, sent) => {
    const known = [...sent, ...jobs.filter(({ job_name }) => ABOUT_THE_EDGE.test(job_name))];
    expect(
      missing(
        asked.filter(({ group }) => group.startsWith('edge-')),
        known,
        recorded,
      ),
    ).toEqual([]);
  });

  test('what dashboards ask for is there, or the panel says that it may be empty', () => {
    const all = [...jobs, ...edgeJobs(example).flatMap(([, sent]) => sent)];
    const panels = cloud
      .filter(({ metadata }) => metadata.name.startsWith('grafana-dashboard-'))
      .flatMap(({ data }) => Object.values(data).flatMap((text) => JSON.parse(`${text}`).panels));
    const checked = panels.filter(
      ({ type, datasource, fieldConfig }) =>
        type !== 'row' && datasource.type === 'prometheus' && !fieldConfig.defaults.noValue,
    );
    expect(checked.length).toBeGreaterThan(30);
    const wanted = checked.map(({ title, targets }) => ({
      by: title,
      names: targets.flatMap(({ expr }: { expr: string }) => metricsInQuery(replaceDashboardVariables(expr))),
    }));
    expect(missing(wanted, all, recorded)).toEqual([]);
  });
});

describe('metrics that change seldom', () => {
  const cloud = exampleManifests('fleet', 'cloud');
  const slow = edgeJobs('fleet').flatMap(([, jobs]) =>
    jobs.filter(({ job_name }) => /-slow$/.test(job_name)),
  );
  const isSlow = (name: string) => slow.some((job) => gives(job, name));
  const longest = Math.max(
    ...slow.map(({ scrape_interval = '0s' }) => toSeconds(scrape_interval as Duration)),
  );

  /** Reads of a rate, or of other changes, in which two samples are not sure to be. */
  const tooShort = (by: string, expr: string) =>
    rangesInQuery(expr)
      .filter(({ metric, range }) => isSlow(metric) && toSeconds(range as Duration) < 2 * longest)
      .map(({ metric, range }) => `${by}: ${metric}[${range}]`);

  test('are scraped by a job of their own, at most every two minutes', () => {
    expect(isSlow('node_network_receive_errs_total')).toBe(true);
    expect(isSlow('node_cpu_seconds_total')).toBe(false);
    expect(longest).toBe(120);
  });

  test('are read by rules over ranges that hold two samples', () => {
    const { data } = findOnly(cloud, 'ConfigMap', 'prometheus-rules');
    const rules: { alert?: string; record?: string; expr: string }[] = Object.values(
      data as Record<string, string>,
    ).flatMap((text) => parse(text).groups.flatMap(({ rules: of }: { rules: object[] }) => of));
    expect(rules.some(({ expr }) => rangesInQuery(expr).some(({ metric }) => isSlow(metric)))).toBe(true);
    expect(rules.flatMap(({ alert, record, expr }) => tooShort(`${alert ?? record}`, expr))).toEqual([]);
  });

  test('are shown by panels over ranges that hold two samples', () => {
    const panels: { title: string; interval?: string; targets?: { expr: string }[] }[] = cloud
      .filter(({ metadata }) => metadata.name.startsWith('grafana-dashboard-'))
      .flatMap(({ data }) => Object.values(data).flatMap((text) => JSON.parse(`${text}`).panels));
    const queries = panels.flatMap(({ title, interval = '30s', targets = [] }) =>
      targets.map(({ expr = '' }) => ({
        title,
        // Grafana's: four times the least time between two points.
        expr: replaceDashboardVariables(
          expr.replaceAll('$__rate_interval', `${4 * toSeconds(interval as Duration)}s`),
        ),
      })),
    );
    expect(queries.some(({ expr }) => rangesInQuery(expr).some(({ metric }) => isSlow(metric)))).toBe(true);
    expect(queries.flatMap(({ title, expr }) => tooShort(title, expr))).toEqual([]);
  });
});

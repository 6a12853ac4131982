import { App, Chart } from 'cdk8s';
import {
  CloudChart,
  type Dashboard,
  DashboardResources,
  environmentDashboards,
  Grafana,
  type Panel,
  prometheusOperator,
  remoteStore,
  victoriaMetricsCluster,
} from '../../lib';
import { renderDashboardJson } from '../../lib/core/dashboard-model';
import { syntaxOrTypeProblem } from '../../lib/core/rule-syntax';
import { allAlerts } from '../support/all-rules';
import { replaceDashboardVariables } from '../support/dashboards';
import { configFile, containersOf, findOnly } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { refusalMessage, synthesizeChart } from '../support/synthesize';

const dashboards = environmentDashboards().flatMap((source) => source.dashboards);
const panelsOf = ({ rows }: Dashboard): Panel[] => rows.flatMap(({ panels }) => [...panels]);
const runbooks = 'https://wiki.example.com/runbooks';

const [fleet] = dashboards as [Dashboard];

/** The dashboards that depend on the store, of an environment with a VictoriaMetrics cluster. */
const ofCluster = environmentDashboards(undefined, [], victoriaMetricsCluster())
  .flatMap((source) => source.dashboards)
  .slice(-3);

const grafana = (...more: Dashboard[]) =>
  synthesizeChart((chart) => new Grafana(chart, 'g', { runbooks }).addDashboards({ dashboards: more }));

test('the addresses of dashboards never change', () => {
  expect(dashboards.map(({ uid }) => uid)).toEqual([
    'edge-fleet',
    'edge-node',
    'edge-pods',
    'edge-pushes',
    'edge-logs',
    'edge-stack',
    'edge-capacity',
  ]);
});

describe.each([
  ...dashboards.map((dashboard) => [dashboard.title, dashboard] as const),
  ...ofCluster.map((dashboard) => [`${dashboard.title}, with VictoriaMetrics`, dashboard] as const),
])('%s', (_, dashboard) => {
  const model = JSON.parse(renderDashboardJson(dashboard, { runbooks }));
  const panels = panelsOf(dashboard);

  test('has panels that say what they show, in a unit', () => {
    for (const { title, description } of panels) {
      expect(title).toMatch(/^[A-Z]/);
      expect(description).toMatch(/^[A-Z].*\.$/s);
    }
    const drawn = model.panels.filter(
      ({ type }: Panel & { type: string }) => !['row', 'logs'].includes(type),
    );
    for (const { fieldConfig } of drawn) {
      expect(fieldConfig.defaults).toMatchObject({ unit: expect.any(String), thresholds: expect.anything() });
    }
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  test.each(
    panels.flatMap(({ title, source, queries }) => queries.map(({ expr }) => [title, expr, source] as const)),
  )('%s asks in the grammar of its source: %s', (_title, expr, source = 'metrics') => {
    expect(
      syntaxOrTypeProblem(source === 'logs' ? 'LogQL' : 'PromQL', replaceDashboardVariables(expr)),
    ).toBeUndefined();
  });

  test('filters each selector of metrics by the chosen cluster', () => {
    const exprs = panels
      .filter(({ source }) => source !== 'logs')
      .flatMap(({ queries }) => queries.map(({ expr }) => expr));
    const selectors = exprs.flatMap((expr) => expr.match(/\b[a-zA-Z_:]+\{[^}]*\}/g) ?? []);
    const unfiltered = selectors.filter((selector) => !selector.includes('cluster=~"$cluster'));
    // The budget is a number in the rules, without the label `cluster`.
    expect(
      unfiltered.filter((selector) => !selector.startsWith('edge_group:telemetry_budget:bytes')),
    ).toEqual([]);
  });

  test('asks Loki for a label that is not empty', () => {
    const asked = panels.filter(({ source }) => source === 'logs').flatMap(({ queries }) => [...queries]);
    for (const { expr } of asked) expect(expr).toContain('node=~".+"');
  });

  test('links to runbooks of alerts that there are', () => {
    const known = allAlerts.map(({ alert }) => alert);
    expect(known).toEqual(expect.arrayContaining(panels.flatMap(({ alerts = [] }) => [...alerts])));
  });

  test('fits side by side, reads line by line, and cannot be edited', () => {
    for (const { gridPos } of model.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    expect(renderDashboardJson(dashboard, { runbooks }).split('\n').length).toBeGreaterThan(100);
    expect(model.editable).toBe(false);
  });
});

describe('panels about the store of metrics', () => {
  const url = 'https://mimir.example.com/prometheus';
  const remote = (rules: 'vmalert' | 'elsewhere') =>
    remoteStore({ write: { url: 'https://mimir.example.com/api/v1/push' }, query: { url }, rules });
  const [operator, cluster] = [
    prometheusOperator({ namespace: 'kps', labels: { release: 'kps' } }),
    victoriaMetricsCluster(),
  ];
  const shown = (store: Parameters<typeof environmentDashboards>[2]) =>
    environmentDashboards(undefined, [], store).flatMap((source) => source.dashboards);
  const metricsOf = (store: Parameters<typeof environmentDashboards>[2]) =>
    shown(store)
      .flatMap(panelsOf)
      .flatMap(({ queries }) => queries.map(({ expr }) => expr))
      .join('\n');

  test.each([
    ['Prometheus', undefined, ['prometheus']],
    ['a Prometheus Operator', operator, ['prometheus']],
    ['VictoriaMetrics', cluster, ['vm', 'vmalert']],
    ['a remote store', remote('vmalert'), ['vmalert']],
    ['a remote store that evaluates rules', remote('elsewhere'), []],
  ])('%s: only show metrics that there are', (_, store, expected) => {
    const found = {
      prometheus: /prometheus_(tsdb|engine|rule)_/,
      vm: /\bvm_(rows|cache|data)_/,
      vmalert: /\bvmalert_/,
    };
    const text = metricsOf(store);
    const names = Object.entries(found).filter(([, pattern]) => pattern.test(text));
    expect(names.map(([name]) => name)).toEqual(expected);
  });

  test('a VictoriaMetrics cluster has a dashboard of its own', () => {
    const uids = (store: Parameters<typeof environmentDashboards>[2]) => shown(store).map(({ uid }) => uid);
    expect(uids(cluster)).toEqual([...uids(undefined), 'edge-victoria-metrics']);
    expect(uids(remote('vmalert'))).toEqual(uids(undefined));
  });

  test('a number of series does not count copies', () => {
    expect(metricsOf(victoriaMetricsCluster({ replicationFactor: 3 }))).toMatch(/hour_metric_ids.*\) \/ 3$/m);
  });

  test('rows are filled with the panels that there are', () => {
    for (const store of [undefined, operator, cluster, remote('elsewhere')]) {
      const capacity = shown(store).find(({ uid }) => uid === 'edge-capacity');
      const widths = capacity?.rows[0]?.panels.map(({ width = 0 }) => width) ?? [];
      expect(widths.reduce((sum, width) => sum + width, 0)).toBe(24);
    }
  });
});

test('a dashboard links to the others, to runbooks, and from a node to its page and its logs', () => {
  const model = JSON.parse(renderDashboardJson(fleet, { runbooks }));
  expect(model.links).toMatchObject([{ type: 'dashboards', includeVars: true }, { url: runbooks }]);
  const silent = model.panels.find(({ title }: Panel) => title === 'Silent nodes');
  expect(silent.links).toMatchObject([{ url: `${runbooks}/EdgeNodeSilent.md` }]);
  expect(JSON.stringify(silent.fieldConfig.overrides)).toMatch(/\/d\/edge-node\?var-node=\$\{__value\.raw\}/);
  expect(JSON.stringify(silent.fieldConfig.overrides)).toContain('/d/edge-logs?var-node=');
});

test('red comes first where less is worse', () => {
  const panel = { kind: 'stat', title: 'A', description: 'A.', queries: [{ expr: 'up' }] } as const;
  const steps = (limits: Panel['limits']) => {
    const dashboard = { ...fleet, rows: [{ title: 'R', panels: [{ ...panel, limits }] }] };
    const [, drawn] = JSON.parse(renderDashboardJson(dashboard, { runbooks })).panels;
    return drawn.fieldConfig.defaults.thresholds.steps.map(({ color }: { color: string }) => color);
  };
  expect(steps({ warning: 1, critical: 2 })).toEqual(['green', 'yellow', 'red']);
  expect(steps({ warning: 2, critical: 1 })).toEqual(['red', 'yellow', 'green']);
  expect(steps(undefined)).toEqual(['green']);
});

test('Grafana reads each from a folder of its own, and lets nobody change it', () => {
  const objects = grafana(fleet);
  expect(JSON.parse(configFile(objects, 'grafana-dashboard-edge-fleet', 'edge-fleet.json')).title).toBe(
    fleet.title,
  );
  expect(containersOf(findOnly(objects, 'StatefulSet'))[0]?.volumeMounts).toContainEqual({
    name: 'dashboard-edge-fleet',
    mountPath: '/etc/grafana/dashboards/edge-fleet',
    readOnly: true,
  });
  expect(configFile(objects, 'grafana-dashboards', 'dashboards.yaml')).toMatch(/allowUiUpdates: false/);
});

test('a change of a dashboard rolls Grafana', () => {
  const checksum = (title: string) =>
    findOnly(grafana({ ...fleet, title }), 'StatefulSet').spec.template.metadata.annotations;
  expect(checksum('One')).not.toEqual(checksum('Other'));
});

test('two dashboards of one address are refused', () => {
  expect(() => grafana(fleet, fleet)).toThrow(
    /two dashboards have the uid "edge-fleet": change the uid of one of them/,
  );
});

test("for a Grafana of one's own they are labelled ConfigMaps", () => {
  const objects = synthesizeChart((chart) => {
    const resources = new DashboardResources(chart, 'd', { metrics: 'ours', labels: { dashboards: 'edge' } });
    for (const source of environmentDashboards()) resources.addDashboards(source);
  });
  expect(objects).toHaveLength(dashboards.length);
  for (const { kind, metadata } of objects) {
    expect({ kind, labels: metadata.labels }).toMatchObject({
      kind: 'ConfigMap',
      labels: { dashboards: 'edge' },
    });
  }
  expect(configFile(objects, 'edge-observability-edge-fleet', 'edge-fleet.json')).toContain('"uid": "ours"');
});

test('what is not allowed is refused', () => {
  expect(refusalMessage((chart) => new Grafana(chart, 'g', { runbooks: 'x' }))).toMatch(/runbooks is "x"/);
  expect(() => new DashboardResources(new Chart(new App(), 'c'), 'd', { name: 'A b' })).toThrow(
    /name is "A b"/,
  );
});

test('capacity is compared with what the environment was sized for', () => {
  const fleet = { nodes: 200, series: 300, logs: '50Mi' } as const;
  const settings = { ...minimalSettings, edge: { interval: '10s', fleet } } as const;
  const objects = new CloudChart(new App(), 'cloud', { settings }).toJson();
  const { panels: drawn } = JSON.parse(
    configFile(objects, 'grafana-dashboard-edge-capacity', 'edge-capacity.json'),
  );
  const of = (title: string) => {
    const { targets, fieldConfig } = drawn.find((one: Panel) => one.title === title);
    return {
      planned: targets.find(({ legendFormat }: { legendFormat?: string }) => legendFormat === 'planned')
        ?.expr,
      steps: fieldConfig.defaults.thresholds.steps.map(({ value }: { value: number }) => value),
    };
  };
  expect(of('Capacity used')).toEqual({ steps: [null, 1, 1.5] });
  expect(of('Nodes')).toEqual({ planned: 'vector(200)', steps: [null, 200, 300] });
  expect(of('Edge series').steps).toEqual([null, 60_000, 90_000]);
  expect(of('Samples ingested / s')).toEqual({ planned: 'vector(6000)', steps: [null, 6_000, 9_000] });
  expect(of('Loki ingestion rate').planned).toBe('vector(121363)');
});

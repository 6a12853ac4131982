import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { dataquery as LokiQuery } from '@grafana/grafana-foundation-sdk/loki';
import type { Dataquery as PrometheusQuery } from '@grafana/grafana-foundation-sdk/prometheus';
import type { Options as StatOptions } from '@grafana/grafana-foundation-sdk/stat';
import type {
  FieldConfig as Lines,
  Options as TimeseriesOptions,
} from '@grafana/grafana-foundation-sdk/timeseries';
import type { Dashboard, DashboardVariable, Panel, PanelQuery } from '../contracts/dashboards';
import { DASHBOARD, PANEL } from './dashboard-rules';
import { hashInputToCacheKey, memoize } from './memoize';
import { withAllDefaults } from './option-table';
import { RUNBOOKS } from './rule-set';

/** Options for dashboards: the data sources, and the base URL of runbooks. */
export interface DashboardOptions {
  /** uid of the metrics data source. @default "prometheus" */
  readonly metrics?: string;
  /** uid of the logs data source. @default "loki" */
  readonly logs?: string;
  /**
   * Base URL of the runbooks that panels link to.
   * @default - the folder docs/runbooks of this project on GitHub
   */
  readonly runbooks?: string;
}

/** Tag of all dashboards of this stack. Dashboards with this tag link to each other. */
const DASHBOARD_TAG = 'edge-observability';

const VARIABLES: Readonly<Record<DashboardVariable, string>> = {
  cluster: 'label_values(edge_node:last_seen:timestamp, cluster)',
  group: 'label_values(edge_node:last_seen:timestamp{cluster=~"$cluster"}, group)',
  node: 'label_values(edge_node:last_seen:timestamp{cluster=~"$cluster", group=~"$group"}, node)',
};

/**
 * Loads Grafana's dashboard builders when the first dashboard is built. Only the builders that all panels share
 * are used. The builders for single panel types would load the whole package, which takes longer than the rest
 * of a synthesis.
 */
const loadGrafanaSdk = () =>
  require('@grafana/grafana-foundation-sdk/dashboard') as typeof import('@grafana/grafana-foundation-sdk/dashboard');

type Sdk = ReturnType<typeof loadGrafanaSdk>;
type PanelBuilder = InstanceType<Sdk['PanelBuilder']>;

/** Renders a dashboard as JSON for Grafana, with one field in each line, so that diffs are readable. */
export const renderDashboardJson = (dashboard: Dashboard, options: DashboardOptions): string =>
  memoizedDashboardJson([dashboard, options]);

const memoizedDashboardJson = memoize('dashboard', computeDashboardJson, hashInputToCacheKey);

function computeDashboardJson([dashboard, options]: readonly [Dashboard, DashboardOptions]): string {
  const grafana = loadGrafanaSdk();
  const { range, refresh, variables } = withAllDefaults(dashboard.uid, dashboard, DASHBOARD);
  const builder = new grafana.DashboardBuilder(dashboard.title)
    .uid(dashboard.uid)
    .description(dashboard.description)
    .tags([DASHBOARD_TAG])
    .readonly()
    .time({ from: `now-${range}`, to: 'now' })
    .refresh(refresh)
    .links(dashboardLinks(grafana, options))
    .variables(
      variables.map((name) =>
        buildDashboardVariable(grafana, name, options, name !== 'node' || !dashboard.opensWithOneNode),
      ),
    );
  for (const row of dashboard.rows) {
    builder.withRow(new grafana.RowBuilder(row.title));
    for (const one of row.panels) builder.withPanel(buildPanel(grafana, one, options));
  }
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

function dashboardLinks(grafana: Sdk, { runbooks = RUNBOOKS }: DashboardOptions) {
  return [
    new grafana.DashboardLinkBuilder('Dashboards')
      .type(grafana.DashboardLinkType.Dashboards)
      .tags([DASHBOARD_TAG])
      .asDropdown(true)
      .keepTime(true)
      .includeVars(true),
    new grafana.DashboardLinkBuilder('Runbooks').url(runbooks).targetBlank(true),
  ];
}

function buildDashboardVariable(
  grafana: Sdk,
  name: DashboardVariable,
  { metrics = 'prometheus' }: DashboardOptions,
  hasAll: boolean,
) {
  return (
    new grafana.QueryVariableBuilder(name)
      .label(name)
      .datasource({ type: 'prometheus', uid: metrics })
      .query({ query: VARIABLES[name], refId: name })
      .refresh(grafana.VariableRefresh.OnTimeRangeChanged)
      .sort(grafana.VariableSort.NaturalAsc)
      .multi(true)
      .includeAll(hasAll)
      // The default value for "All" does not match nodes without a group.
      .allValue('.*')
  );
}

function buildPanel(grafana: Sdk, one: Panel, options: DashboardOptions): PanelBuilder {
  const builder = new grafana.PanelBuilder()
    .type(one.kind)
    .title(one.title)
    .description(one.description)
    .datasource(panelDataSource(one, options))
    .span(one.width ?? PANEL.width.default)
    .height(one.height ?? PANEL.height.default)
    .targets(one.queries.map((query, index) => buildPanelQuery(one, query, index)))
    .links((one.alerts ?? []).map((alert) => runbookLink(grafana, alert, options)));
  if (one.interval) builder.interval(one.interval);
  if (one.kind !== 'logs') setPanelUnitAndThresholds(grafana, builder, one);
  if (one.kind === 'timeseries') drawPanelAsLines(builder, one);
  if (one.kind === 'stat') builder.options(STAT);
  if (one.kind === 'table') drawPanelAsTable(builder, one);
  return builder;
}

const LINE_STYLE: Partial<Lines> = { fillOpacity: 0, lineWidth: 1, spanNulls: false };

const TIMESERIES: PartialOf<TimeseriesOptions> = {
  legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
  tooltip: { mode: 'multi', sort: 'desc' },
};

/** Draws the series as lines. Queries with `isLimit` are drawn as dashed lines in the color of the text. */
function drawPanelAsLines(builder: PanelBuilder, { queries }: Panel): void {
  builder.custom(LINE_STYLE).options(TIMESERIES);
  queries.forEach(({ isLimit }, index) => {
    if (isLimit) builder.overrideByQuery(queryRefId(index), LIMIT_STYLE);
  });
}

const LIMIT_STYLE = [
  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
  { id: 'color', value: { mode: 'fixed', fixedColor: 'text' } },
];

const STAT: PartialOf<StatOptions> = {
  colorMode: 'value',
  graphMode: 'none',
  reduceOptions: { calcs: ['lastNotNull'], values: false },
};

const panelDataSource = ({ source }: Panel, { metrics = 'prometheus', logs = 'loki' }: DashboardOptions) =>
  source === 'logs' ? { type: 'loki', uid: logs } : { type: 'prometheus', uid: metrics };

function buildPanelQuery(
  { kind, source }: Panel,
  { expr, legend }: PanelQuery,
  index: number,
): Builder<Dataquery> {
  const query = {
    refId: queryRefId(index),
    expr,
    ...(legend && kind !== 'table' && { legendFormat: legend }),
  };
  if (source === 'logs') return wrapInQueryBuilder<Partial<LokiQuery>>(query);
  const span = kind === 'timeseries' ? { range: true } : { instant: true };
  return wrapInQueryBuilder<PartialOf<PrometheusQuery>>({
    ...query,
    ...span,
    ...(kind === 'table' && { format: 'table' }),
  });
}

const queryRefId = (index: number): string => String.fromCharCode(65 + index);

/** Wraps a query in an object with the method `build`, which the panel builder requires. */
const wrapInQueryBuilder = <T extends object>(query: T): Builder<Dataquery> => ({
  build: () => ({ ...query, _implementsDataqueryVariant: () => {} }),
});

/** A copy of a type in which all fields are optional, at all levels, and in which enumerations are plain texts. */
type PartialOf<T> = T extends string ? `${T}` : T extends object ? { [K in keyof T]?: PartialOf<T[K]> } : T;

function runbookLink(grafana: Sdk, alert: string, { runbooks = RUNBOOKS }: DashboardOptions) {
  return new grafana.DashboardLinkBuilder(`Runbook: ${alert}`)
    .url(`${runbooks.replace(/\/$/, '')}/${alert}.md`)
    .targetBlank(true);
}

function setPanelUnitAndThresholds(
  grafana: Sdk,
  builder: PanelBuilder,
  { unit = PANEL.unit.default, limits, max, emptyWhen }: Panel,
): void {
  builder.unit(unit).thresholds(buildThresholds(grafana, limits));
  if (max !== undefined) builder.min(0).max(max);
  if (emptyWhen) builder.noValue('none');
}

function buildThresholds(grafana: Sdk, limits: Panel['limits']) {
  const steps = !limits
    ? [{ value: null, color: 'green' }]
    : limits.warning <= limits.critical
      ? [
          { value: null, color: 'green' },
          { value: limits.warning, color: 'yellow' },
          { value: limits.critical, color: 'red' },
        ]
      : [
          { value: null, color: 'red' },
          { value: limits.critical, color: 'yellow' },
          { value: limits.warning, color: 'green' },
        ];
  return new grafana.ThresholdsConfigBuilder().mode(grafana.ThresholdsMode.Absolute).steps(steps);
}

/**
 * Draws a table with a row for each set of labels, and a column for each query. The name of a node links to the
 * dashboard and the logs of the node.
 */
function drawPanelAsTable(builder: PanelBuilder, { queries, units = {} }: Panel): void {
  const columns = queries.map(({ legend }, index) => [`Value #${queryRefId(index)}`, legend ?? 'value']);
  // With a single query, Grafana names the value column "Value" instead of "Value #A".
  if (queries.length === 1) columns.push(['Value', queries[0].legend ?? 'value']);
  builder
    // Merges rows of several queries that have equal labels. The metric name is excluded first.
    .withTransformation({ id: 'filterFieldsByName', options: { exclude: { names: ['__name__'] } } })
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: { excludeByName: { Time: true }, renameByName: Object.fromEntries(columns) },
    })
    .overrideByName('node', [
      {
        id: 'links',
        value: ['node', 'logs'].map((page) => ({
          title: page === 'node' ? 'Node dashboard' : 'Logs of this node',
          url: `/d/edge-${page}?var-node=\${__value.raw}&\${__url_time_range}`,
        })),
      },
    ]);
  for (const [name, unit] of Object.entries(units))
    builder.overrideByName(name, [{ id: 'unit', value: unit }]);
}

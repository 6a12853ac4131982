import type { Dashboard, DashboardFolder, Panel, PanelQuery, PanelRow } from '../contracts/dashboards';
import { duration, matching, oneOf, shortDnsLabel, wholeNumber, yesOrNo } from './option-rules';
import { type RuleLanguage, syntaxProblem } from './rule-syntax';
import { also, each, entries, options, required, some, text } from './structure-rules';
import type { Rule } from './validation';

const number: Rule = { allowed: 'a number', accepts: Number.isFinite };

const title: Rule = {
  allowed: 'a text that is not empty',
  accepts: (value) => typeof value === 'string' && value.trim() !== '',
};

const query = options<PanelQuery>({ expr: required(title), legend: text, isLimit: yesOrNo });

const fields = options<Panel>({
  kind: required(oneOf('timeseries', 'stat', 'table', 'logs')),
  title: required(title),
  description: required(title),
  queries: required(some(each(query))),
  source: oneOf('metrics', 'logs'),
  unit: text,
  limits: options<{ warning: number; critical: number }>({
    warning: required(number),
    critical: required(number),
  }),
  units: entries(text, text),
  max: number,
  width: wholeNumber(1, 24),
  height: wholeNumber(1, 100),
  alerts: each(text),
  emptyWhen: text,
  interval: duration,
});

/** Grafana puts lengths of time in the place of its own variables, and texts in that of others. */
const withValues = (expr: string): string =>
  expr.replace(/\$(__\w+|\{__\w+\})/g, '1m').replace(/\$\{\w+(:\w+)?\}/g, 'value');

/** The queries of a panel are in the language of what is asked. */
const panel = also(fields, {
  allowed: 'queries in PromQL, or in LogQL where source is "logs"',
  accepts: (value) => queryProblems(value as Panel, '').length === 0,
  problems: (value, path) => queryProblems(value as Panel, path),
});

function queryProblems({ queries, source }: Panel, path: string): readonly string[] {
  const language: RuleLanguage = source === 'logs' ? 'LogQL' : 'PromQL';
  return queries.flatMap(({ expr }, index) => {
    const problem = syntaxProblem(language, withValues(expr));
    return problem ? [`${path}.queries[${index}].expr is not ${language}: ${problem}`] : [];
  });
}

const dashboard = options<Dashboard>({
  uid: required(shortDnsLabel(40, 'edge-node')),
  title: required(title),
  description: required(title),
  range: duration,
  refresh: duration,
  opensWithOneNode: yesOrNo,
  variables: each(oneOf('cluster', 'group', 'node')),
  rows: required(each(options<PanelRow>({ title: required(title), panels: required(each(panel)) }))),
});

/** Identifier of a data source in Grafana. */
export const uid = matching(
  /^[A-Za-z0-9_-]{1,40}$/,
  'up to 40 letters, digits, "-" and "_", such as "prometheus"',
);

/** Dashboards; the uid of each is the end of a name of Kubernetes, and in Grafana of 40 characters at most. */
export const dashboards = each(dashboard);

/** The title of a folder. */
export const folderTitle = title;

/** A folder; its uid is part of a path. */
export const dashboardFolder = options<DashboardFolder>({ uid: required(uid), title: required(title) });

import type {
  Dashboard,
  DashboardFolder,
  DashboardVariable,
  Panel,
  PanelQuery,
  PanelRow,
} from '../contracts/dashboards';
import {
  duration,
  oneOfRule,
  patternRule,
  shortDnsLabelRule,
  wholeNumberRule,
  yesOrNo,
} from './option-rules';
import { type OptionTable, optionsRule } from './option-table';
import { type RuleLanguage, syntaxOrTypeProblem } from './rule-syntax';
import { combineRulesWithAnd, listRule, mapRule, nonEmptyListRule, text } from './structure-rules';
import type { Rule } from './validation';

const number: Rule = { allowed: 'a number', accepts: Number.isFinite };

const title: Rule = {
  allowed: 'a non-empty text',
  accepts: (value) => typeof value === 'string' && value.trim() !== '',
};

/** Validation rules of the fields of `PanelQuery`. */
export const QUERY = {
  expr: { rule: title },
  legend: { rule: text, default: undefined },
  isLimit: { rule: yesOrNo, default: false },
} satisfies OptionTable<PanelQuery>;

type PanelLimits = NonNullable<Panel['limits']>;

const LIMITS = { warning: { rule: number }, critical: { rule: number } } satisfies OptionTable<PanelLimits>;

/** Validation rules of the fields of `Panel`. */
export const PANEL = {
  kind: { rule: oneOfRule('timeseries', 'stat', 'table', 'logs') },
  title: { rule: title },
  description: { rule: title },
  queries: { rule: nonEmptyListRule(listRule(optionsRule<PanelQuery>(QUERY))) },
  source: { rule: oneOfRule('metrics', 'logs'), default: 'metrics' },
  unit: { rule: text, default: 'short' },
  limits: { rule: optionsRule<PanelLimits>(LIMITS), default: undefined },
  units: { rule: mapRule(text, text), default: {} },
  max: { rule: number, default: undefined },
  width: { rule: wholeNumberRule(1, 24), default: 8 },
  height: { rule: wholeNumberRule(1, 100), default: 8 },
  alerts: { rule: listRule(text), default: [] },
  emptyWhen: { rule: text, default: undefined },
  interval: { rule: duration, default: undefined },
} satisfies OptionTable<Panel>;

/**
 * Replaces Grafana's variables in an expression, so that the expression can be parsed. Built-in variables, such as
 * `$__range`, are replaced by the duration `1m`. Variables in braces, such as `${node}`, are replaced by the text
 * `value`. Other variables without braces, such as `$node`, remain, because dashboards only use them within strings.
 */
const replaceGrafanaVariables = (expr: string): string =>
  expr.replace(/\$(__\w+|\{__\w+\})/g, '1m').replace(/\$\{\w+(:\w+)?\}/g, 'value');

/** Validation rule for a panel. The queries must be valid in the language of the data source. */
const panel = combineRulesWithAnd(optionsRule<Panel>(PANEL), {
  allowed: 'queries in PromQL, or in LogQL if the option "source" is "logs"',
  accepts: (value) => panelQueryProblems(value as Panel, '').length === 0,
  problems: (value, path) => panelQueryProblems(value as Panel, path),
});

function panelQueryProblems({ queries, source }: Panel, path: string): readonly string[] {
  const language: RuleLanguage = source === 'logs' ? 'LogQL' : 'PromQL';
  return queries.flatMap(({ expr }, index) => {
    const problem = syntaxOrTypeProblem(language, replaceGrafanaVariables(expr));
    return problem ? [`${path}.queries[${index}].expr is not valid ${language}: ${problem}`] : [];
  });
}

/** Validation rules of the fields of `PanelRow`. */
export const ROW = {
  title: { rule: title },
  panels: { rule: listRule(panel) },
} satisfies OptionTable<PanelRow>;

/** Validation rules of the fields of `Dashboard`. */
export const DASHBOARD = {
  uid: { rule: shortDnsLabelRule(40, 'edge-node') },
  title: { rule: title },
  description: { rule: title },
  range: { rule: duration, default: '6h' },
  refresh: { rule: duration, default: '1m' },
  opensWithOneNode: { rule: yesOrNo, default: false },
  variables: {
    rule: listRule(oneOfRule('cluster', 'group', 'node')),
    derive: (): DashboardVariable[] => ['cluster', 'group', 'node'],
  },
  rows: { rule: listRule(optionsRule<PanelRow>(ROW)) },
} satisfies OptionTable<Dashboard>;

/** Validation rule for the uid of a data source. */
export const uid = patternRule(
  /^[A-Za-z0-9_-]{1,40}$/,
  'up to 40 letters, digits, "-" and "_", such as "prometheus"',
);

/**
 * Validation rule for a list of dashboards. The uid of a dashboard must be a DNS label, because the name of a
 * Kubernetes object contains the uid. Grafana rejects uids of more than 40 characters.
 */
export const dashboards = listRule(optionsRule<Dashboard>(DASHBOARD));

/** Validation rule for the title of a dashboard folder. */
export const folderTitle = title;

/** Validation rules of the fields of `DashboardFolder`. The uid is part of a file path, so it must not contain "/". */
export const DASHBOARD_FOLDER = {
  uid: { rule: uid },
  title: { rule: title },
} satisfies OptionTable<DashboardFolder>;

/** Validation rule for a dashboard folder. */
export const dashboardFolder = optionsRule<DashboardFolder>(DASHBOARD_FOLDER);

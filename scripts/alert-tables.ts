import type { RuleGroup, RuleSource } from '../lib';
import { THRESHOLDS } from '../lib/charts/components';
import chinese from './alerts.zh-CN.json';
import { markdownTable } from './reference/markdown';

/** Headings and texts of the tables in one language. */
export interface AlertLanguage {
  readonly headings: readonly [alerts: string, recordingRules: string, thresholds: string];
  /** A paragraph before each table, which explains its columns. */
  readonly introductions: readonly [alerts: string, recordingRules: string, thresholds: string];
  readonly heads: readonly [
    alerts: readonly string[],
    recordingRules: readonly string[],
    thresholds: readonly string[],
  ];
  /**
   * Returns the description of an alert or of the metric of a recording rule.
   * @param name name of the alert or metric
   * @param description English description
   */
  readonly describe: (name: string, description: string) => string;
  /** Returns the allowed values of a threshold. @param text English text */
  readonly allowed: (text: string) => string;
}

export const ENGLISH: AlertLanguage = {
  headings: ['Alerts', 'Recording rules', 'Thresholds'],
  introductions: [
    '"Pending for" is how long the condition must hold before the alert fires. In a description, *n* is a value that was measured, and every other word in italics is a label of the alert.',
    'The recording rules of this stack compute these metrics. You can use the metrics in your own rules and dashboards.',
    'For the meaning of each threshold, and the alert that uses it, see [settings](settings.md#alertsthresholds).',
  ],
  heads: [
    ['alert', 'severity', 'pending for', 'description'],
    ['metric', 'description'],
    ['threshold', 'default', 'allowed values'],
  ],
  describe: (_, description) => description,
  allowed: (text) => text,
};

const TRANSLATIONS: Readonly<Record<string, string>> = { ...chinese.alerts, ...chinese.metrics };

const CHINESE_UNITS: Readonly<Record<string, string>> = {
  percent: '百分比',
  days: '天数',
  'degrees Celsius': '摄氏度',
  groups: '组数',
  nodes: '节点数',
  requests: '请求数',
  restarts: '重启次数',
  samples: '样本数',
  seconds: '秒数',
  starts: '启动次数',
};

const CHINESE_RULES: readonly (readonly [english: RegExp, chinese: string])[] = [
  [/^a duration from (.+) to (.+), such as (.+)$/, '从 $1 到 $2 的时长，例如 $3'],
  [
    /^a number and a unit of (.+) or (.+), up to (.+), such as (.+)$/,
    '数值加单位 $1 或 $2，最大 $3，例如 $4',
  ],
  [
    /^a whole number and a unit of (.+) or (.+), up to (.+), such as (.+)$/,
    '整数加单位 $1 或 $2，最大 $3，例如 $4',
  ],
  [
    /^a regular expression in RE2 syntax \(no look-around, no back-references\), such as (.+)$/,
    'RE2 语法的正则表达式（不支持环视和反向引用），例如 $1',
  ],
];

export const CHINESE: AlertLanguage = {
  headings: ['告警列表', '记录规则', '阈值'],
  introductions: [
    '“持续时间”是条件必须持续满足多久，告警才会触发。在说明中，*n* 是测得的值，其他斜体词是告警的标签。',
    '这些指标由本项目的记录规则计算。你可以在自己的规则和仪表盘中使用这些指标。',
    '每个阈值的含义以及使用它的告警，参见[设置](settings.md#alertsthresholds)。',
  ],
  heads: [
    ['告警', '严重级别', '持续时间', '说明'],
    ['指标', '说明'],
    ['阈值', '默认值', '允许的值'],
  ],
  describe: (name, description) => TRANSLATIONS[name] ?? description,
  allowed: (text) => {
    const [, least, most, unit = ''] = /^a number from (\S+) to (\S+) \((.+)\)$/.exec(text) ?? [];
    if (least) return `${CHINESE_UNITS[unit] ?? unit}，${least} 到 ${most}`;
    const rule = CHINESE_RULES.find(([english]) => english.test(text));
    return rule ? text.replace(...rule) : text;
  },
};

/** Returns the names of alerts and metrics that have a Chinese description. */
export const namesWithChineseText = (): string[] => Object.keys(TRANSLATIONS);

/** Renders the tables of all alerts, recording rules and thresholds as Markdown. */
export function alertTables(sources: readonly RuleSource[], language: AlertLanguage): string {
  const { headings, introductions, heads } = language;
  const rows = [alertRows(sources, language), recordingRuleRows(sources, language), thresholdRows(language)];
  const parts = rows.map(
    (one, at) => `## ${headings[at]}\n\n${introductions[at]}\n\n${markdownTable(heads[at] ?? [], one)}`,
  );
  return `${parts.join('\n\n')}\n`;
}

export const ruleGroupsOf = (sources: readonly RuleSource[]): RuleGroup[] =>
  sources.flatMap(({ ruleGroups }) => ruleGroups);

const alertRows = (sources: readonly RuleSource[], { describe }: AlertLanguage): string[][] =>
  ruleGroupsOf(sources).flatMap(({ rules }) =>
    rules.flatMap((rule) =>
      'alert' in rule
        ? [
            [
              `[${rule.alert}](runbooks/${rule.alert}.md)`,
              rule.severity,
              rule.for ?? '0s',
              describe(rule.alert, withLabelNames(rule.description)),
            ],
          ]
        : [],
    ),
  );

const recordingRuleRows = (sources: readonly RuleSource[], { describe }: AlertLanguage): string[][] =>
  ruleGroupsOf(sources).flatMap(({ rules }) =>
    rules.flatMap((rule) =>
      'record' in rule ? [[`\`${rule.record}\``, describe(rule.record, rule.description)]] : [],
    ),
  );

const thresholdRows = ({ allowed }: AlertLanguage): string[][] =>
  Object.entries(THRESHOLDS).map(([name, threshold]) => [
    `\`${name}\``,
    `\`${threshold.default}\``,
    allowed(threshold.rule.allowed),
  ]);

/** Replaces templates in a description by the names of their labels, and removes parts that only some alerts have. */
const withLabelNames = (description: string): string =>
  description
    .replaceAll(/\{\{ with [^}]*\}\}.*?\{\{ end \}\}/g, '')
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, '*$1*')
    .replaceAll(/\{\{ \$value[^}]*\}\}/g, '*n*');

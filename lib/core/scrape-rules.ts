import type { SlowMetrics } from '../contracts/metrics-sink';
import type { RelabelConfig, ScrapeTarget } from '../contracts/scrape-target';
import { findLiteralSecretsInHttpClientConfig } from './literal-secrets';
import { networkServer } from './network-rules';
import {
  duration,
  durationRule,
  interval,
  isObjectNotList,
  jobLabel,
  metricsPath,
  oneOfRule,
  patternRule,
  wholeNumberRule,
  yesOrNo,
} from './option-rules';
import { type OptionTable, optionsRule } from './option-table';
import { regularExpression } from './regular-expressions';
import {
  anything,
  combineRulesWithAnd,
  listRule,
  markRuleAsRequired,
  nonEmptyListRule,
  objectRule,
  text,
} from './structure-rules';
import { toSeconds } from './units';
import { problemsOfValue, type Rule, ruleViolationText } from './validation';

const label = patternRule(
  /^[A-Za-z_][A-Za-z0-9_]*$/,
  'a label name: letters, digits and underscores, not starting with a digit',
);

const expression: Rule = {
  ...regularExpression,
  accepts: (value) => value === '' || regularExpression.accepts(value),
};

/** Validation rules of the fields of `RelabelConfig`. */
export const RELABELING = {
  if: { rule: text, default: undefined },
  source_labels: { rule: listRule(label), default: undefined },
  separator: { rule: text, default: ';' },
  regex: { rule: expression, default: undefined },
  // The name can contain capture groups of the regular expression, such as $1.
  target_label: {
    rule: patternRule(/^[A-Za-z0-9_${}]+$/, 'a label name, or a capture group such as "$1"'),
    default: undefined,
  },
  replacement: { rule: text, default: '$1' },
  action: {
    rule: oneOfRule('replace', 'keep', 'drop', 'labelmap', 'labeldrop', 'labelkeep'),
    default: 'replace',
  },
} satisfies OptionTable<RelabelConfig>;

/** Validation rule for a relabeling step, in vmagent's format. */
export const relabeling = combineRulesWithAnd(optionsRule<RelabelConfig>(RELABELING), {
  allowed:
    'the action "replace" (the default) requires target_label; the actions "keep" and "drop" require source_labels or "if"; the actions "labeldrop" and "labelkeep" require regex and allow no other field',
  accepts: (value) => {
    const { action = RELABELING.action.default, regex, ...fields } = value as RelabelConfig;
    if (action === 'replace') return fields.target_label !== undefined;
    if (action === 'keep' || action === 'drop') return (fields.source_labels ?? fields.if) !== undefined;
    const isAlone = Object.values(fields).every((held) => held === undefined);
    return action === 'labelmap' || (isAlone && regex !== undefined);
  },
});

/**
 * Validation rules of the options of `SlowMetrics`. The maximum interval is 2 minutes, so that rules with a range of
 * 5 minutes find two samples.
 */
export const SLOW_METRICS = {
  names: { rule: nonEmptyListRule(listRule(regularExpression)) },
  interval: { rule: durationRule('1s', '2m', '1m'), default: '60s' },
} satisfies OptionTable<SlowMetrics>;

/** Validation rule for an option of type `SlowMetrics`. */
export const slowMetrics = optionsRule<SlowMetrics>(SLOW_METRICS);

/** Validation rule for a relabeling step of Prometheus, which does not support `if`. */
const relabelingOfPrometheus = combineRulesWithAnd(relabeling, {
  allowed: 'no field "if", because only vmagent supports this field',
  accepts: (value) => (value as RelabelConfig).if === undefined,
});

const size = patternRule(/^(0|\d+(\.\d+)?([KMGTPE]i?)?B)$/, 'a size in Prometheus\'s format, such as "10MB"');
const count = wholeNumberRule(0, Number.MAX_SAFE_INTEGER);
const object: Rule = { allowed: "an object in Prometheus's format", accepts: isObjectNotList };

const staticConfigsRule = (address: Rule): Rule =>
  listRule(objectRule<object>({ targets: markRuleAsRequired(listRule(address)), labels: object }));

/**
 * Validation rule for the targets of a job that relabels addresses, such as for blackbox_exporter. Prometheus then
 * accepts any text as a target.
 */
const RELABELLED_TARGETS = staticConfigsRule(patternRule(/^\S+$/, 'an address without spaces', 1_000));

/** Validation rules of the fields of a scrape job in Prometheus 3.14, except for service discovery (`*_sd_configs`). */
const JOB = {
  job_name: markRuleAsRequired(jobLabel),
  scrape_interval: interval,
  scrape_timeout: interval,
  metrics_path: metricsPath,
  scheme: oneOfRule('http', 'https'),
  params: object,
  honor_labels: yesOrNo,
  honor_timestamps: yesOrNo,
  track_timestamps_staleness: yesOrNo,
  scrape_protocols: listRule(text),
  fallback_scrape_protocol: text,
  scrape_native_histograms: yesOrNo,
  always_scrape_classic_histograms: yesOrNo,
  convert_classic_histograms_to_nhcb: yesOrNo,
  enable_compression: yesOrNo,
  extra_scrape_metrics: yesOrNo,
  body_size_limit: size,
  sample_limit: count,
  target_limit: count,
  label_limit: count,
  label_name_length_limit: count,
  label_value_length_limit: count,
  native_histogram_bucket_limit: count,
  native_histogram_min_bucket_factor: anything,
  keep_dropped_targets: count,
  metric_name_validation_scheme: oneOfRule('utf8', 'legacy'),
  metric_name_escaping_scheme: text,
  scrape_failure_log_file: text,
  relabel_configs: listRule(relabelingOfPrometheus),
  metric_relabel_configs: listRule(relabelingOfPrometheus),
  static_configs: staticConfigsRule(
    patternRule(/^[^\s/]+$/, 'a host and a port, without scheme and path', 1_000),
  ),
  basic_auth: object,
  authorization: object,
  oauth2: object,
  tls_config: object,
  follow_redirects: yesOrNo,
  enable_http2: yesOrNo,
  http_headers: object,
  proxy_url: text,
  no_proxy: text,
  proxy_from_environment: yesOrNo,
  proxy_connect_header: object,
};

/** Validation rules of the fields of a scrape job that relabels addresses. */
const RELABELLED_JOB = { ...JOB, static_configs: RELABELLED_TARGETS };

/** Validation rules for jobs without service discovery, which are nearly all jobs of a synthesis. */
const STATIC_JOB_RULE = objectRule<object>(JOB);
const RELABELLED_STATIC_JOB_RULE = objectRule<object>(RELABELLED_JOB);

/** Validation rule for a scrape job of Prometheus. */
const scrapeJob: Rule = {
  allowed: `a scrape job in Prometheus's format, with the fields ${Object.keys(JOB).join(', ')} and service discovery (*_sd_configs)`,
  accepts: (value) => scrapeJobProblems(value, '').length === 0,
  problems: (value, path) => scrapeJobProblems(value, path),
};

function scrapeJobProblems(value: unknown, path: string): readonly string[] {
  const { scrape_interval: every = '1h', scrape_timeout: within = '1s' } = Object(value);
  const problems = problemsOfValue(path, value, scrapeJobFieldsRule(Object(value)));
  const secrets = literalSecretProblems(path, value);
  if (problems.length || secrets.length) return [...problems, ...secrets];
  if (!duration.accepts(every) || toSeconds(within) <= toSeconds(every)) return [];
  return [
    ruleViolationText(`${path}.scrape_timeout`, within, {
      allowed: `at most ${every}, the value of scrape_interval`,
    }),
  ];
}

/** Returns the validation rule for the fields of a scrape job, including the service discovery that the job uses. */
function scrapeJobFieldsRule(job: { readonly relabel_configs?: unknown }): Rule {
  const { relabel_configs } = job;
  const isRelabelled = Array.isArray(relabel_configs) && relabel_configs.length > 0;
  const discovery = Object.keys(job).filter((field) => field.endsWith('_sd_configs'));
  if (discovery.length === 0) return isRelabelled ? RELABELLED_STATIC_JOB_RULE : STATIC_JOB_RULE;
  const lists = Object.fromEntries(discovery.map((field) => [field, listRule(object)]));
  return objectRule<object>({ ...(isRelabelled ? RELABELLED_JOB : JOB), ...lists });
}

/** Returns an error message for each literal secret in a scrape job. */
function literalSecretProblems(path: string, job: unknown): readonly string[] {
  return findLiteralSecretsInHttpClientConfig(path, job).map(
    ({ path: field, fileField, remedy }) =>
      `${field} would write a secret into the manifests${fileField ? `; allowed: ${fileField} with the path of a file in the container that scrapes` : `: ${remedy}`}`,
  );
}

/** Validation rule for an option of type `ScrapeTarget`. Only the members of this interface are checked. */
export const scrapeable: Rule = {
  allowed: 'an object with the fields scrapeConfigs and scrapeServers (both lists)',
  accepts: (value) => scrapeTargetProblems(value, '').length === 0,
  problems: (value, path) => scrapeTargetProblems(value, path),
};

function scrapeTargetProblems(value: unknown, path: string): readonly string[] {
  const { scrapeConfigs, scrapeServers } = Object(value) as Partial<ScrapeTarget>;
  if (!Array.isArray(scrapeConfigs) || !Array.isArray(scrapeServers))
    return [ruleViolationText(path, value, scrapeable)];
  return [
    ...problemsOfValue(`${path}.scrapeConfigs`, scrapeConfigs, listRule(scrapeJob)),
    ...problemsOfValue(`${path}.scrapeServers`, scrapeServers, listRule(networkServer)),
  ];
}

import { isObjectNotList, patternRule } from '../../core/option-rules';
import { type OptionTable, optionsRule } from '../../core/option-table';
import { combineRulesWithAnd, listRule } from '../../core/structure-rules';
import type { Rule } from '../../core/validation';

/** A target of a multi-target exporter, such as a device on a bus or a host to probe. */
export interface ExporterTarget {
  /** Label `instance` of the target's series, unique among the exporter's targets. */
  readonly instance: string;
  /** URL parameters of the scrape, such as `{ target: '192.0.2.7', module: 'if_mib' }`. */
  readonly params: Readonly<Record<string, string>>;
}

const instance = patternRule(
  /^[A-Za-z0-9]([A-Za-z0-9._:@-]*[A-Za-z0-9])?$/,
  'letters, digits and . _ : @ -, starting and ending with a letter or digit, such as "plc-1"',
  128,
);

const PARAMETER_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const params: Rule = {
  allowed:
    'an object with one or more URL parameters, such as { target: "192.0.2.7" }; names consist of letters, digits and underscores; values are texts without "%{"',
  accepts: (value) =>
    isObjectNotList(value) &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(
      ([name, held]) =>
        PARAMETER_NAME.test(name) && typeof held === 'string' && /^(?!.*%\{)[^\p{Cc}]{1,1000}$/u.test(held),
    ),
};

/** Validation rules and defaults of `ExporterTarget`. */
export const EXPORTER_TARGET = {
  instance: { rule: instance },
  params: { rule: params },
} satisfies OptionTable<ExporterTarget>;

/** Validation rule for a list of one or more targets, each with a different `instance`. */
export const exporterTargets: Rule = combineRulesWithAnd(
  listRule(optionsRule<ExporterTarget>(EXPORTER_TARGET)),
  {
    allowed: 'at least one target, each with a unique instance',
    accepts: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      new Set(value.map((one) => one.instance)).size === value.length,
  },
);

/** Returns the URL path and query string that scrape a target, such as `/snmp?target=192.0.2.7`. */
export const scrapePathOfTarget = (metricsPath: string, { params: given }: ExporterTarget): string =>
  `${metricsPath}${metricsPath.includes('?') ? '&' : '?'}${new URLSearchParams(given)}`;

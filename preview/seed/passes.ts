import { parseSeconds } from '../grafana/time';
import { type Rule, readsMetric } from './rules';

/** Rules that do not read each other's results, and the period for which they are evaluated in seconds. */
export interface Pass {
  readonly rules: readonly Rule[];
  readonly seconds: number;
}

/** Period in seconds for which alerts are evaluated: only the end of the data. */
const ALERTS_SECONDS = 600;
/** Limit of `for` in seconds. Alerts that wait as long or longer are left out. */
const LONGEST_FOR = 2 * 3_600;

/**
 * Groups rules into passes for a retroactive evaluation. Each rule is in a later pass than the rules that it reads.
 * Alerts are in the last pass.
 * @param seconds period for which recording rules are evaluated
 * @throws Error if rules read each other in a circle
 */
export function evaluationPasses(rules: readonly Rule[], seconds: number): Pass[] {
  const recording = rules.filter(({ record }) => record !== undefined);
  const made: Pass[] = [];
  let left = recording;
  while (left.length) {
    const names = left.map(({ record }) => record ?? '');
    const ready = left.filter((rule) => !readsOther(rule, names));
    if (!ready.length)
      throw new Error(
        `these rules read each other in a circle, so they cannot be evaluated one after the other: ${names.join(', ')}`,
      );
    made.push({ rules: ready, seconds });
    left = left.filter((rule) => !ready.includes(rule));
  }
  const alerts = rules.filter((rule) => rule.alert !== undefined && canBeSeeded(rule));
  return [...made, { rules: alerts.map(alertSeriesRule), seconds: ALERTS_SECONDS }];
}

/**
 * Returns whether a rule reads the result of another of these rules. Its own result does not count, because there are
 * no past results of it.
 */
const readsOther = ({ record, expr }: Rule, names: readonly string[]): boolean =>
  names.some((name) => name !== record && readsMetric(expr, name));

/**
 * Returns whether an alert can be evaluated for the past: it does not wait long, and its expression does not read
 * future samples.
 */
const canBeSeeded = ({ expr, for: wait = '1m' }: Rule): boolean =>
  parseSeconds(wait) < LONGEST_FOR && !/offset\s+-/.test(expr);

/** Converts an alert to a recording rule for the series that Prometheus records while the alert fires. */
function alertSeriesRule({ alert = '', expr, for: wait = '1m', labels }: Rule): Rule {
  const minutes = Math.max(1, Math.floor(parseSeconds(wait) / 60));
  return {
    record: 'ALERTS',
    expr: `clamp_max(count_over_time((${expr})[${minutes}m:1m]) >= ${minutes}, 1)`,
    labels: { ...labels, alertname: alert, alertstate: 'firing' },
  };
}

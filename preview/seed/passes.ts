import { parseSeconds } from '../grafana/time';
import { type Rule, readsMetric } from './rules';

/** Rules that do not depend on each other, and the period for which they are evaluated. */
export interface Pass {
  readonly rules: readonly Rule[];
  readonly seconds: number;
}

/** Alerts are only evaluated at the end. */
const ALERTS_SECONDS = 600;
/** Alerts with a longer `for` are not part of the seeded past. */
const LONGEST_FOR = 2 * 3_600;

/** Orders rules for retroactive evaluation: each after those that it reads, alerts last. */
export function evaluationPasses(rules: readonly Rule[], seconds: number): Pass[] {
  const recording = rules.filter(({ record }) => record !== undefined);
  const made: Pass[] = [];
  let left = recording;
  while (left.length) {
    const names = left.map(({ record }) => record ?? '');
    const ready = left.filter((rule) => !readsOther(rule, names));
    if (!ready.length) throw new Error(`these rules read each other: ${names.join(', ')}`);
    made.push({ rules: ready, seconds });
    left = left.filter((rule) => !ready.includes(rule));
  }
  const alerts = rules.filter((rule) => rule.alert !== undefined && canBeSeeded(rule));
  return [...made, { rules: alerts.map(alertSeriesRule), seconds: ALERTS_SECONDS }];
}

/** Returns whether a rule reads the result of another one; its own past results do not exist. */
const readsOther = ({ record, expr }: Rule, names: readonly string[]): boolean =>
  names.some((name) => name !== record && readsMetric(expr, name));

/** Excludes alerts that fire late, and expressions that read future samples. */
const canBeSeeded = ({ expr, for: wait = '1m' }: Rule): boolean =>
  parseSeconds(wait) < LONGEST_FOR && !/offset\s+-/.test(expr);

/** Returns the series that Prometheus records while an alert fires. */
function alertSeriesRule({ alert = '', expr, for: wait = '1m', labels }: Rule): Rule {
  const minutes = Math.max(1, Math.floor(parseSeconds(wait) / 60));
  return {
    record: 'ALERTS',
    expr: `clamp_max(count_over_time((${expr})[${minutes}m:1m]) >= ${minutes}, 1)`,
    labels: { ...labels, alertname: alert, alertstate: 'firing' },
  };
}

import { parseSeconds } from '../grafana/time';
import { type Rule, readsMetric } from './rules';

/** Rules that need nothing of each other, and how far back they are evaluated. */
export interface Pass {
  readonly rules: readonly Rule[];
  readonly seconds: number;
}

/** Alerts are looked at as they are at the end. */
const ALERTS_SECONDS = 600;
/** What fires after longer than this is not in the past that is seeded. */
const LONGEST_FOR = 2 * 3_600;

/** Rules in the order in which they can be evaluated after the fact: each after those whose figures it reads, alerts last. */
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

/** Whether a rule reads a figure of another one; what it reads of its own past is not there. */
const readsOther = ({ record, expr }: Rule, names: readonly string[]): boolean =>
  names.some((name) => name !== record && readsMetric(expr, name));

/** What fires late is not in the past that is seeded; what looks for samples of the future finds those that came later. */
const canBeSeeded = ({ expr, for: wait = '1m' }: Rule): boolean =>
  parseSeconds(wait) < LONGEST_FOR && !/offset\s+-/.test(expr);

/** What Prometheus records while an alert fires. */
function alertSeriesRule({ alert = '', expr, for: wait = '1m', labels }: Rule): Rule {
  const minutes = Math.max(1, Math.floor(parseSeconds(wait) / 60));
  return {
    record: 'ALERTS',
    expr: `clamp_max(count_over_time((${expr})[${minutes}m:1m]) >= ${minutes}, 1)`,
    labels: { ...labels, alertname: alert, alertstate: 'firing' },
  };
}

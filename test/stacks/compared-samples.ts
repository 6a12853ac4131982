import { parse } from 'yaml';
import { parseSeconds } from '../../preview/grafana/time';
import { cloudSeries } from '../../preview/seed/cloud-series';
import { CLUSTER, NODES } from '../../preview/seed/fleet';
import { nodeSeries } from '../../preview/seed/node-series';
import { evaluationPasses } from '../../preview/seed/passes';
import { type Rule, readsMetric } from '../../preview/seed/rules';
import { seededSeries } from '../../preview/seed/series';
import { caseSeries } from '../support/case-series';
import type { Answer, Labels } from '../support/query-answers';
import type { AlertCase } from '../support/rule-cases';
import { Sample, type Series } from '../support/write-request';
import type { ComparedStores } from './compared-stores';
import type { RuledEnvironment } from './ruled-environments';
import { victoriaMetricsSeries } from './victoria-metrics-series';

/** A node of each trouble, and one of each group without any. */
const SOME = [
  'plant-01',
  'plant-05',
  'plant-09',
  'vehicle-01',
  'vehicle-03',
  'vehicle-07',
  'kiosk-01',
  'kiosk-02',
];

/** Part of the preview's fleet, and metrics of the cloud side, up to a moment. */
export const fleetSeries = (end: number): Series[] =>
  [
    ...NODES.filter(({ name }) => SOME.includes(name)).flatMap((node) => nodeSeries(node, end)),
    ...cloudSeries(end),
    ...victoriaMetricsSeries(end),
    // What scrapes the targets of a store without a Prometheus.
    seededSeries('up', { cluster: CLUSTER, job: 'metrics-scraper' }, () => 1),
  ].map(({ name, labels, at, gaps = [], earlier = 0, ...one }) => ({
    labels: { __name__: name, ...labels },
    samples: sampleTimes(name === RESTARTS ? DAY : one.seconds)
      .map((ago) => end - earlier - ago)
      .filter((time) => !gaps.some(([from, to]) => time > end - from && time <= end - to))
      .map((time) => new Sample(Math.round(time * 1_000), at(time))),
  }));

/** To MetricsQL, a counter that begins with a small value grew by that value: what a panel adds up over a day is there for longer. */
const RESTARTS = 'kube_pod_container_status_restarts_total';
const DAY = 30 * 3_600;

/** Seconds before the end: a minute apart, and fewer of those that only what is added up over a day reads. */
function sampleTimes(seconds = 7 * 3_600): number[] {
  const times: number[] = [];
  for (let ago = seconds; ago >= 0; ago -= ago > 5 * 3_600 ? 900 : 60) times.push(ago);
  return times;
}

/** Cluster of the samples of an alert's case. */
export const caseCluster = (alert: string): string => `case-${alert}`;

/** Rules of an environment in PromQL. */
export const readRules = ({ prometheus }: RuledEnvironment): Rule[] =>
  Object.values(prometheus).flatMap((text) =>
    (parse(text).groups as { rules: Rule[] }[]).flatMap(({ rules }) => rules),
  );

/** Series of the cases of all alerts of an environment, each in a cluster of its own. */
export const allCaseSeries = (environment: RuledEnvironment, begin: number, end: number): Series[] =>
  readRules(environment).flatMap(({ alert = '' }) => {
    const one = environment.cases[alert];
    return one ? caseSeries(one, caseCluster(alert), begin, end) : [];
  });

/** Moments of a case within a span, in seconds since 1970: those at which its alert fires, and those at which it is quiet. */
export function caseMoments({ fires, quiet, resolved }: AlertCase, begin: number, end: number): number[] {
  const texts = [...[fires.at].flat(), ...quiet, ...(resolved === 'never' ? [] : [resolved])];
  return texts.map((text) => begin + parseSeconds(text)).filter((time) => time <= end);
}

const STEP = 60;

/** Writes to both stores what Prometheus would record, in the order in which rules read each other. */
export async function recordRules(
  stores: ComparedStores,
  rules: readonly Rule[],
  begin: number,
  end: number,
): Promise<void> {
  for (const pass of evaluationPasses(rules, end - begin)) {
    const recorded = pass.rules.map((rule) => recordRule(stores, rule, begin, end));
    await stores.write((await Promise.all(recorded)).flat());
  }
}

/** What a rule records, with a marker where a series ends. */
async function recordRule(stores: ComparedStores, rule: Rule, from: number, to: number): Promise<Series[]> {
  const { record = '', expr, labels: added } = rule;
  const known = new Map<string, Recorded>();
  const labels = { ...added, __name__: record };
  if (record === 'ALERTS' || !readsMetric(expr, record)) {
    keep(await stores.askPrometheus({ expr, from, to }), labels, known);
    return [...known.values()].map((one) => recordedSeries(one, to));
  }
  // It reads what it recorded before.
  for (let time = from; time <= to; time += STEP) {
    const now = keep(await stores.askPrometheus({ expr, from: time }), labels, known);
    const ended = [...known.values()].filter(({ values }) => values.has(time - STEP) && !values.has(time));
    await stores.write([
      ...now.map((one) => ({ ...one, samples: [new Sample(time * 1_000, one.values.get(time) ?? 0)] })),
      ...ended.map((one) => ({ ...one, samples: [new Sample(time * 1_000, 0, true)] })),
    ]);
  }
  return [];
}

interface Recorded {
  readonly labels: Labels;
  readonly values: Map<number, number>;
}

/** Adds an answer to what is known, and returns its series. */
function keep(answer: Answer, added: Labels, known: Map<string, Recorded>): Recorded[] {
  return answer.map(({ labels: { __name__, ...labels }, values }) => {
    const key = JSON.stringify(Object.entries(labels).sort());
    const one = known.get(key) ?? { labels: { ...labels, ...added }, values: new Map() };
    known.set(key, one);
    for (const [time, value] of values) one.values.set(time, value);
    return one;
  });
}

function recordedSeries({ labels, values }: Recorded, end: number): Series {
  const ends = [...values.keys()]
    .map((time) => time + STEP)
    .filter((time) => time <= end && !values.has(time));
  return {
    labels,
    samples: [
      ...[...values].map(([time, value]) => new Sample(time * 1_000, value)),
      ...ends.map((time) => new Sample(time * 1_000, 0, true)),
    ],
  };
}

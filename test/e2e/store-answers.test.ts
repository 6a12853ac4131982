import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLOCK, CLUSTER } from '../../preview/seed/fleet';
import type { Rule } from '../../preview/seed/rules';
import {
  allCaseSeries,
  caseCluster,
  caseMoments,
  fleetSeries,
  readRules,
  recordRules,
} from '../stacks/compared-samples';
import { ComparedStores } from '../stacks/compared-stores';
import { dashboardQueries } from '../stacks/dashboard-queries';
import { environments, type RuledEnvironment } from '../stacks/ruled-environments';
import { containersOf, findOnly } from '../support/manifests';
import {
  type Answer,
  type Comparison,
  compareSeries,
  compareValues,
  listSeries,
} from '../support/query-answers';
import { Sample } from '../support/write-request';

const MINUTE = 60;
/** Cases of alerts begin at the one, and the fleet of the preview ends at the other. */
const [BEGIN, END] = [CLOCK - 240 * MINUTE, CLOCK];
/** Moments at which every rule is evaluated, beside those of its case. */
const MOMENTS = [10, 20, 40, 60, 150, 240].map((minutes) => BEGIN + minutes * MINUTE);

/** Functions that VictoriaMetrics calculates otherwise: from the sample before the window on, without extrapolation. */
const OF_COUNTERS = /\b(rate|increase|resets)\(/;
/** VictoriaMetrics stores values as decimals, so the difference of two large values is less precise. */
const EXACT = { relative: 1e-6 };
/** Of counters that grow steadily. A share of one, such as of processors in use, is one minus such a rate. */
const CLOSE = { relative: 0.1 };
const CLOSE_SHARE = { absolute: 0.02 };
/** Part of the points of a panel that may differ by more: after gaps. */
const FEW = 0.02;

/** The environments whose samples another store than a Prometheus may keep. */
const compared = environments.filter(({ name }) => name !== 'operator');

/** What has no result in an environment, and why. */
const WITHOUT_RESULT: Readonly<Record<string, readonly string[]>> = {
  // No node pushes to a Pushgateway.
  fleet: ['edge_push:last:timestamp', 'edge_push:clock_offset:seconds', 'edge_push:outdated'],
  another: ['edge_push:last:timestamp', 'edge_push:clock_offset:seconds', 'edge_push:outdated'],
};

/** Flags about queries of a VictoriaMetrics cluster, but for the one that a single server does not have. */
const flags = compared
  .filter(({ name }) => name === 'another')
  .flatMap(({ objects }) => containersOf(findOnly(objects, 'Deployment', 'vmselect')))
  .flatMap(({ args = [] }) => args.filter((arg) => /^-(search(?!\.denyPartialResponse)|dedup)\./.test(arg)));

const folder = mkdtempSync(join(tmpdir(), 'store-answers-'));
/** Queries of dashboards that were asked in any environment, and those that had an answer. */
const [asked, answered] = [new Set<string>(), new Set<string>()];
/** Points of queries about counters, and how many of them are close. */
const counted = { points: 0, close: 0 };

afterAll(() => rmSync(folder, { recursive: true }));

describe.each(compared)('the environment $name', (environment) => {
  const { name, objects } = environment;
  const rules = readRules(environment);
  let stores: ComparedStores;

  beforeAll(async () => {
    stores = await ComparedStores.start(mkdtempSync(join(folder, name)), flags);
    await stores.write(allCaseSeries(environment, BEGIN, END));
    if (name !== 'reference') await stores.write(fleetSeries(END));
    await recordRules(stores, rules, BEGIN, END);
  });

  afterAll(() => stores?.stop());

  test('every rule in PromQL has the same result', async () => {
    const [differences, empty] = [[] as string[], [] as string[]];
    for (const rule of rules) {
      const results = await Promise.all(
        evaluationMoments(environment, rule).map((time) => compareRule(stores, rule, time)),
      );
      const title = rule.alert ?? rule.record ?? '';
      if (results.every(({ isEmpty }) => isEmpty)) empty.push(title);
      differences.push(
        ...results.flatMap(({ differences }) => differences.map((text) => `${title}: ${text}`)),
      );
    }
    expect(differences).toEqual([]);
    expect(empty).toEqual(WITHOUT_RESULT[name] ?? []);
  });

  test('every query of a dashboard has the same answer', async () => {
    const differences: string[] = [];
    for (const { id, query, ofFleet } of dashboardQueries(objects, CLUSTER, [BEGIN, END])) {
      asked.add(id);
      if (answered.has(id)) continue;
      const { prometheus, victoriaMetrics } = await stores.ask(query);
      if (!prometheus.length && !victoriaMetrics.length) continue;
      answered.add(id);
      const found = comparePanel(query.expr, prometheus, victoriaMetrics, ofFleet);
      differences.push(...found.map((text) => `${id}: ${text}`));
    }
    expect(differences).toEqual([]);
  });
});

test('each query of a dashboard has an answer in one of the environments', () => {
  expect([...asked].filter((id) => !answered.has(id))).toEqual([]);
  expect(answered.size).toBeGreaterThanOrEqual(95);
  expect(counted.points).toBeGreaterThan(20_000);
  expect(counted.close / counted.points).toBeGreaterThan(0.99);
});

function evaluationMoments({ cases }: RuledEnvironment, { alert = '' }: Rule): number[] {
  const one = cases[alert];
  return [...MOMENTS, ...(one ? caseMoments(one, BEGIN, END) : [])];
}

/** A rule as vmalert evaluates it. Where it is about counters, only steady ones have values that can be compared. */
async function compareRule(stores: ComparedStores, { expr, alert = '', record = '' }: Rule, from: number) {
  const { prometheus, victoriaMetrics } = await stores.ask({ expr, from });
  const isEmpty = !prometheus.length;
  if (!OF_COUNTERS.test(expr))
    return { isEmpty, differences: describeDifferences(compareExactly(expr, prometheus, victoriaMetrics)) };
  const ofFleet = compareSeries(
    filterCluster(prometheus, CLUSTER),
    filterCluster(victoriaMetrics, CLUSTER),
    record.endsWith(':ratio') ? CLOSE_SHARE : CLOSE,
  );
  const earlier = await stores.askPrometheus({ expr, from: from - MINUTE });
  const [own, before, other] = [prometheus, earlier, victoriaMetrics].map((answer) =>
    listSeries(filterCluster(answer, caseCluster(alert))),
  ) as [string[], string[], string[]];
  return {
    isEmpty,
    differences: [
      ...describeDifferences(ofFleet),
      ...own.filter((series) => !other.includes(series)).map((series) => `only Prometheus: ${series}`),
      // Its window ends up to an interval between two samples later.
      ...other
        .filter((series) => ![...own, ...before].includes(series))
        .map((series) => `only VictoriaMetrics: ${series}`),
    ],
  };
}

const filterCluster = (answer: Answer, cluster: string): Answer =>
  answer.filter(({ labels }) => labels.cluster === cluster);

/** Which of several series with the same value topk takes is not defined. */
const compareExactly = (expr: string, one: Answer, other: Answer): Comparison =>
  (expr.includes('topk') ? compareValues : compareSeries)(one, other, EXACT);

const describeDifferences = ({ missing, additional, different }: Comparison): string[] => [
  ...missing.map((text) => `only Prometheus: ${text}`),
  ...additional.map((text) => `only VictoriaMetrics: ${text}`),
  ...different,
];

function comparePanel(expr: string, one: Answer, other: Answer, ofFleet: boolean): string[] {
  if (!OF_COUNTERS.test(expr)) return describeDifferences(compareExactly(expr, one, other));
  if (!ofFleet) return String(listSeries(one)) === String(listSeries(other)) ? [] : ['other series'];
  const { points, missing, additional, different } = compareSeries(one, other, CLOSE);
  const far = [...additional, ...different];
  counted.points += points;
  counted.close += points - far.length - missing.length;
  return [...missing.map((text) => `only Prometheus: ${text}`), ...(far.length > FEW * points ? far : [])];
}

describe('what VictoriaMetrics answers otherwise', () => {
  const series = (name: string, values: readonly number[]) => ({
    labels: { __name__: name, job: 'test' },
    samples: values.map((value, index) => new Sample((BEGIN + index * MINUTE) * 1_000, value)),
  });
  const stores: ComparedStores[] = [];
  const [from, to] = [BEGIN, BEGIN + 15 * MINUTE];

  beforeAll(async () => {
    for (const [name, given] of [
      ['as-shipped', flags],
      ['by-default', []],
    ] as const) {
      const one = await ComparedStores.start(mkdtempSync(join(folder, name)), given);
      await one.write([
        series('begun_total', Array(10).fill(3)),
        series('grown_total', [9, 9, 9, 9, 9, 9, 9, 9, 15, 15, 15]),
      ]);
      stores.push(one);
    }
  });

  afterAll(async () => {
    for (const one of stores) await one.stop();
  });

  const listValues = (answer: Answer): number[] => answer.flatMap(({ values }) => [...values.values()]);

  async function askBoth(expr: string, minutes: number) {
    const { prometheus, victoriaMetrics } = await (stores[0] as ComparedStores).ask({
      expr,
      from: BEGIN + minutes * MINUTE,
    });
    return [listValues(prometheus), listValues(victoriaMetrics)];
  }

  test('a counter that begins with a small value has grown by that value', async () => {
    expect(await askBoth('increase(begun_total[15m])', 9)).toEqual([[0], [3]]);
  });

  test('an increase is what was counted, and not extrapolated', async () => {
    expect(await askBoth('increase(grown_total[5m])', 10)).toEqual([[7.5], [6]]);
  });

  test('an increase is over as soon as its samples are older than the window, an interval later than in Prometheus', async () => {
    expect(await askBoth('increase(grown_total[2m])', 9)).toEqual([[0], [6]]);
  });

  test('a graph ends five minutes after the last sample with the flags of vmselect, without them after an interval', async () => {
    const lengths = await Promise.all(
      stores.map(async (one) => {
        const { prometheus, victoriaMetrics } = await one.ask({ expr: 'begun_total', from, to });
        return [listValues(prometheus).length, listValues(victoriaMetrics).length];
      }),
    );
    expect(lengths).toEqual([
      [14, 14],
      [14, 11],
    ]);
  });

  test('some functions keep the name of the metric', async () => {
    const { prometheus, victoriaMetrics } = await (stores[0] as ComparedStores).ask({
      expr: 'clamp_max(begun_total, 1)',
      from,
    });
    expect([prometheus, victoriaMetrics].map(([one]) => one?.labels)).toEqual([
      { job: 'test' },
      { __name__: 'begun_total', job: 'test' },
    ]);
  });
});

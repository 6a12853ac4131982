import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { CloudChart, environmentDashboards, victoriaMetricsCluster } from '../../lib';
import { freePort } from '../runtime/free-port';
import { endProgram, program, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { MISSING_PROGRAMS, VictoriaMetricsStack } from '../stacks/victoria-metrics-stack';
import { replaceDashboardVariables } from '../support/dashboards';
import { containersOf, findOnly } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { Sample, type Series, writeRequest } from '../support/write-request';

const NODES = 50;
const STEP_MS = 1_000;

const objects = new CloudChart(new App(), 'cloud', {
  settings: {
    ...minimalSettings,
    edge: { transport: 'remote-write' },
    metricsStore: victoriaMetricsCluster(),
  },
}).toJson();

/** Queries that only read metrics of the cluster's programs. */
const ownQueries = environmentDashboards(undefined, [], victoriaMetricsCluster())
  .flatMap(({ dashboards }) => dashboards)
  .flatMap(({ rows }) => rows)
  .flatMap(({ panels }) => panels)
  .flatMap(({ queries }) => queries.map(({ expr }) => replaceDashboardVariables(expr)))
  .filter((expr) => /job=~?"vm/.test(expr));

/** Samples in Prometheus's text format. */
function parseSamples(text: string): { labels: Record<string, string>; value: number }[] {
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', inBraces = '', value]) => {
    const pairs = [...inBraces.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    const labels = Object.fromEntries(pairs.map(([, label, held]) => [label, JSON.parse(`"${held}"`)]));
    return { labels: { __name__: name, ...labels }, value: Number(value) };
  });
}

if (MISSING_PROGRAMS.length) {
  test.todo(`a VictoriaMetrics cluster: NOT RUN, set ${MISSING_PROGRAMS.join(', ')}`);
} else {
  describe('a VictoriaMetrics cluster with the arguments of its manifests', () => {
    const folder = mkdtempSync(join(tmpdir(), 'victoria-metrics-'));
    const stack = new VictoriaMetricsStack(objects, folder);
    const vmalerts: ChildProcess[] = [];
    let written = 0;

    beforeAll(() => stack.start());

    afterAll(async () => {
      for (const child of vmalerts) await endProgram(child);
      await stack.stop('SIGKILL');
      rmSync(folder, { recursive: true });
    });

    /** A sample of each node, older than what VictoriaMetrics still hides. */
    async function write(): Promise<void> {
      const time = Date.now() - 600_000 + written++ * STEP_MS;
      const series = Array.from({ length: NODES }, (_, node) => ({
        labels: { __name__: 'sample', job: 'test', node: `edge-${node}` },
        samples: [new Sample(time, written)],
      }));
      await send(series);
    }

    async function send(series: readonly Series[]): Promise<void> {
      const headers = { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' };
      const body = new Uint8Array(writeRequest(series));
      const { status } = await fetch(stack.writeUrl, { method: 'POST', headers, body });
      expect(status).toBe(204);
    }

    async function ask(expression: string, time?: number) {
      const at = time ? `&time=${time}` : '';
      const path = `/api/v1/query?nocache=1&query=${encodeURIComponent(expression)}${at}`;
      return (await (await fetch(`${stack.queryUrl}${path}`)).json()) as {
        status: string;
        isPartial?: boolean;
        error?: string;
        data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
    }

    async function value(expression: string): Promise<number> {
      return Number((await ask(expression)).data?.result[0]?.value[1]);
    }

    /** Waits until nothing is in memory only, which a process that is killed loses: its other copy must be kept. */
    const flushed = () =>
      eventually('samples are on disk', async () => {
        const texts = await Promise.all(
          stack.podsOf('vmstorage').map((pod) => stack.metrics(`${pod}.vmstorage`, 8482)),
        );
        return texts.every((text) =>
          [
            ...text.matchAll(
              /^vm_(?:pending_rows\{type="storage"\}|rows\{type="storage\/inmemory"\}) (\d+)/gm,
            ),
          ].every(([, rows]) => rows === '0'),
        );
      });

    const complete = (what: string) =>
      eventually(what, async () => {
        const all = await value('sum(count_over_time(sample[1h]))');
        return all === written * NODES && (await value('count(last_over_time(sample[1h]))')) === NODES;
      });

    test('answers each sample once, of two copies', async () => {
      for (let n = 0; n < 5; n++) await write();
      await complete('all samples are there');
      await eventually('there are two copies', async () => {
        const texts = await Promise.all(
          stack.podsOf('vmstorage').map((pod) => stack.metrics(`${pod}.vmstorage`, 8482)),
        );
        const rows = texts.map((text) => Number(/^vm_rows_added_to_storage_total (\d+)/m.exec(text)?.[1]));
        return rows.reduce((sum, one) => sum + one, 0) === 2 * written * NODES;
      });
    });

    test('loses nothing while each vmstorage is killed in turn, and answers for all nodes', async () => {
      for (const pod of stack.podsOf('vmstorage')) {
        await flushed();
        await stack.stop('SIGKILL', pod);
        for (let n = 0; n < 3; n++) await write();
        await complete(`all samples are there without ${pod}`);
        expect((await ask('count(sample)')).isPartial).toBe(false);
        await stack.startStorage(pod);
        await complete(`all samples are there with ${pod}`);
      }
    });

    test('refuses to answer rather than leaving nodes out, when two are down', async () => {
      await stack.stop('SIGTERM', 'vmstorage-0', 'vmstorage-1');
      await eventually(
        'queries fail',
        async () => (await ask('count(last_over_time(sample[1h]))')).status === 'error',
      );
      await stack.startStorage('vmstorage-0');
      await complete('all samples are there again');
      await stack.startStorage('vmstorage-1');
    });

    test('takes samples of any age within the retention', async () => {
      const time = Date.now() - 10 * 86_400_000;
      const body = new Uint8Array(
        writeRequest([{ labels: { __name__: 'old', job: 'test' }, samples: [new Sample(time, 7)] }]),
      );
      const headers = { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' };
      await fetch(stack.writeUrl, { method: 'POST', headers, body });
      await eventually('it is there', async () => (await value('last_over_time(old[11d])')) === 7);
    });

    test('each query of its dashboard, and of the panels about it on others, has an answer from the metrics of its programs', async () => {
      const begin = Date.now() - 900_000;
      for (let reading = 0; reading < 20; reading++) {
        await write();
        await ask('sum(sample)');
        await fetch(`${stack.queryUrl}/api/v1/query_range?query=sample&start=-5m`);
        await send(await ownMetrics(begin + reading * 15_000));
      }
      const at = (begin + 18 * 15_000) / 1_000;
      const isAnswered = async (expr: string) => (await ask(expr, at)).data?.result.length !== 0;
      await eventually('the last reading is there', () => isAnswered('vm_rows{job="vmstorage"} offset -30s'));
      const unanswered: string[] = [];
      for (const expr of ownQueries) if (!(await isAnswered(expr))) unanswered.push(expr);
      expect(ownQueries.length).toBeGreaterThan(20);
      expect(unanswered).toEqual([]);
    });

    /** Metrics of all programs, with the labels that their scrape jobs add. */
    async function ownMetrics(time: number): Promise<Series[]> {
      const ports = { vminsert: 8480, vmselect: 8481, vmstorage: 8482 } as const;
      const programs = (['vminsert', 'vmselect', 'vmstorage'] as const).flatMap((job) =>
        stack
          .podsOf(job)
          .slice(0, job === 'vmstorage' ? undefined : 1)
          .map((pod) => ({ job, name: job === 'vmstorage' ? `${pod}.vmstorage` : job })),
      );
      const read = programs.map(async ({ job, name }) => {
        const own = { cluster: minimalSettings.cluster, job, instance: name };
        const samples = parseSamples(await stack.metrics(name, ports[job]));
        return [
          { labels: { __name__: 'up', ...own }, samples: [new Sample(time, 1)] },
          ...samples.map(({ labels, value }) => ({
            labels: { ...labels, ...own },
            samples: [new Sample(time, value)],
          })),
        ];
      });
      return (await Promise.all(read)).flat();
    }

    test('what both vmalert record is there once, and every rule in PromQL is taken', async () => {
      const rules = join(folder, 'rules');
      mkdirSync(rules);
      for (const [name, text] of Object.entries(findOnly(objects, 'ConfigMap', 'metrics-rules-rules').data)) {
        writeFileSync(join(rules, name), text as string);
      }
      execFileSync(program('vmalert'), ['-dryRun', `-rule=${rules}/*.yaml`], { stdio: 'pipe' });
      rmSync(rules, { recursive: true });
      mkdirSync(rules);
      const group = { name: 'twice', interval: '1s', rules: [{ record: 'a:b:twice', expr: 'vector(1)' }] };
      writeFileSync(join(rules, 'twice.yaml'), JSON.stringify({ groups: [group] }));
      for (let replica = 0; replica < 2; replica++) vmalerts.push(await vmalert(rules));
      await eventually('both recorded', async () => (await value('count_over_time(a:b:twice[2m])')) > 5);
      const seconds = await value(
        'max_over_time(timestamp(a:b:twice)[2m:1s]) - min_over_time(timestamp(a:b:twice)[2m:1s])',
      );
      expect(await value('count_over_time(a:b:twice[2m])')).toBeLessThanOrEqual(seconds + 3);
    });

    async function vmalert(rules: string): Promise<ChildProcess> {
      const [container] = containersOf(findOnly(objects, 'Deployment', 'metrics-rules'));
      const port = await freePort();
      const args = ((container?.args ?? []) as string[])
        .filter((arg) => !/^-(rule|notifier\.config|evaluationInterval)=/.test(arg))
        .map((arg) =>
          arg
            .replace(/http:\/\/vminsert\S+/, stack.writeUrl)
            .replace(/http:\/\/vmselect\S+/, stack.queryUrl)
            .replace(/^-httpListenAddr=.*/, `-httpListenAddr=127.0.0.1:${port}`),
        );
      return spawnKilledWithParent(['vmalert', ...args, `-rule=${rules}/*.yaml`, '-notifier.blackhole'], {
        stdio: 'ignore',
      });
    }
  });
}

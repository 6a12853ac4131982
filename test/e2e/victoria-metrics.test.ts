import { type ChildProcess, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { CloudChart, victoriaMetricsCluster } from '../../lib';
import { endProgram, program, spawnMortal } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { MISSING_PROGRAMS, VictoriaMetricsStack } from '../stacks/victoria-metrics-stack';
import { freePort } from '../support/free-port';
import { containersOf, findOnly } from '../support/manifests';
import { least } from '../support/settings';
import { Sample, writeRequest } from '../support/write-request';

const NODES = 50;
const STEP_MS = 1_000;

const objects = new CloudChart(new App(), 'cloud', {
  settings: { ...least, edge: { transport: 'remote-write' }, metricsStore: victoriaMetricsCluster() },
}).toJson();

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
      const headers = { 'Content-Encoding': 'snappy', 'Content-Type': 'application/x-protobuf' };
      const body = new Uint8Array(writeRequest(series));
      const { status } = await fetch(stack.writeUrl, { method: 'POST', headers, body });
      expect(status).toBe(204);
    }

    async function ask(expression: string) {
      const path = `/api/v1/query?nocache=1&query=${encodeURIComponent(expression)}`;
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
      return spawnMortal(['vmalert', ...args, `-rule=${rules}/*.yaml`, '-notifier.blackhole'], {
        stdio: 'ignore',
      });
    }
  });
}

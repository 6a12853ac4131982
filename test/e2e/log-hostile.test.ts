import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { alertRulesAboutRefusedRequests } from '../../lib/access/ingress.rules';
import { Cluster } from '../runtime/cluster';
import { request } from '../runtime/http';
import { IngressController } from '../runtime/ingress-controller';
import type { Node } from '../runtime/node';
import type { Pod } from '../runtime/pod';
import { program } from '../runtime/programs';
import { htpasswd, secret } from '../runtime/secrets';
import { eventually } from '../runtime/wait';
import { groupStack, HOST, panelQueries, USERS } from '../stacks/group-logs';
import { type LokiClient, startLoki } from '../stacks/loki-client';
import { CLOUD, EDGE, EDGE_NODE_LABELS, type Series } from '../stacks/reference-stack';
import { findAlertExpression } from '../support/expression-of';
import { CONTAINERS, ContainerLogs } from './container-logs';

const LINES = 50;

const GUARD_LOGS = `/var/log/pods/${CLOUD}_logs-guard-1_1c2d/logs-guard`;

const CONTROLLER_LOGS = '/var/log/pods/ingress-nginx_controller-1_1c2d/controller';

/** Why Loki refuses lines of the flood, among others. */
const REASONS = [
  'stream_limit',
  'rate_limited',
  'too_far_in_future',
  'greater_than_max_sample_age',
  'max_label_names_per_series',
  'label_value_too_long',
];

const WHAT = 'a hostile edge harms no other';
const NOT_GIVEN = ['E2E_LOKI', 'E2E_FLUENT_BIT'].filter((variable) => !process.env[variable]);

/** How kinds of hostile pushes are answered by the guard, always, and by Loki, unless too many are in flight. */
const BY_THE_GUARD = { 'large bodies': '413', 'other methods': '405', queries: '404' };
const BY_LOKI: Readonly<Record<string, string>> = {
  'new streams': '429',
  'much of a stream': '429',
  'many labels': '400',
  'long values': '400',
  'no labels': '400',
  'names that are none': '400',
  'times in the future': '400',
  'times of long ago': '400',
  'times that are none': '400',
  'much metadata': '400',
  'gzip bombs': '400',
  'deflate bombs': '400',
  'snappy bombs': '400',
  'no JSON': '400',
  'nested JSON': '400',
  'no protobuf': '400',
};

if (NOT_GIVEN.length) test.todo(`${WHAT}: NOT RUN, set ${NOT_GIVEN.join(' and ')}`);
else describe(WHAT, harmsNoOther);

function harmsNoOther(): void {
  const cluster = new Cluster();
  const honest: Record<string, ContainerLogs> = {};
  let ingress: IngressController;
  let guards: Pod[];
  let loki: LokiClient;
  let grafana: LokiClient;
  let prometheus: Pod;
  let cloud: Node;
  let flood: ChildProcess;
  const answers: string[] = [];

  beforeAll(async () => {
    cloud = cluster.addNode({ name: 'cloud-1' });
    for (const [name, site] of [
      ['honest-north', 'north'],
      ['honest-south', 'south'],
      ['hostile', 'none'],
    ] as const) {
      const node = cluster.addNode({
        name,
        labels: { ...EDGE_NODE_LABELS, 'kubernetes.io/arch': 'amd64', site },
      });
      honest[name] = new ContainerLogs(node);
    }
    const { objects, readers } = groupStack();
    cluster.apply(...objects);
    cluster.apply(secret(CLOUD, 'logs-tls', { ...cluster.authority.issue(HOST) }));
    cluster.apply(secret(CLOUD, 'logs-users', { auth: Object.values(USERS).map(htpasswd).join('') }));
    for (const [group, user] of Object.entries(USERS)) {
      cluster.apply(secret(EDGE, `logs-credentials-${group}`, { ...user }));
    }
    ingress = new IngressController(cluster, cluster.addNode({ name: 'ingress' }));
    await ingress.start();
    [loki] = (await startLoki(cluster, cloud.namespace)) as [LokiClient];
    grafana = loki.as(readers);
    guards = await cluster.start('Deployment', CLOUD, 'logs-guard');
    [prometheus] = (await cluster.start('StatefulSet', CLOUD, 'prometheus')) as [Pod];
    for (const group of Object.keys(USERS)) {
      honest[`honest-${group}`]?.write('before', 1);
      await cluster.start('DaemonSet', EDGE, `logs-${group}`);
    }
    for (const group of Object.keys(USERS)) await arrive(group, 'before', 1);
    for (const folder of [GUARD_LOGS, CONTROLLER_LOGS]) mkdirSync(cloud.path(folder), { recursive: true });
    await cluster.start('DaemonSet', `${CLOUD}-nodes`, 'log-collector', [cloud]);
    flood = await begin();
  });

  afterAll(async () => {
    flood?.kill('SIGKILL');
    await cluster.destroy();
  });

  /** Starts the flood. */
  async function begin(): Promise<ChildProcess> {
    const input = {
      ...{
        host: HOST,
        address: ingress.address,
        ca: cluster.authority.file,
        user: USERS.north,
      },
    };
    const { namespace } = cluster.nodes.find(({ name }) => name === 'hostile') as Node;
    const command = [...namespace.entry, program('node'), join(__dirname, 'hostile/log-floods.mjs')];
    const child = spawn('nsenter', [...command, JSON.stringify(input)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface(child.stdout).on('line', (line) => answers.push(line));
    await once(child.stdout, 'data');
    return child;
  }

  const stored = (group: string, text: string) =>
    loki
      .as(group)
      .values(
        `sum by (pod) (count_over_time({namespace="many", node="honest-${group}"} |= "${text} " [1h]))`,
      );

  async function arrive(group: string, text: string, lines: number): Promise<void> {
    let seen: number[] = [];
    await eventually(
      () =>
        `${lines} lines of ${text} of ${CONTAINERS} containers of ${group} are in Loki; there are ${seen}`,
      async () => {
        seen = await stored(group, text);
        return seen.length === CONTAINERS && seen.every((count) => count >= lines);
      },
      { progress: () => seen },
    );
    expect(seen).toEqual(Array(CONTAINERS).fill(lines));
  }

  async function query(expression: string): Promise<Series[]> {
    const url = `http://${prometheus.address}:9090/api/v1/query?query=${encodeURIComponent(expression)}`;
    return JSON.parse((await request(cloud.namespace, url)).body).data.result;
  }

  test.each(['south', 'north'])('an edge of the group %s brings every line meanwhile', async (group) => {
    honest[`honest-${group}`]?.write('meanwhile', LINES);
    await arrive(group, 'meanwhile', LINES);
    report(
      `an honest edge of ${group}, beside a hostile one of north`,
      LINES * CONTAINERS,
      await stored(group, 'meanwhile'),
    );
  });

  test('every panel of the dashboard answers', async () => {
    for (const expr of panelQueries()) expect(await grafana.panel(expr, 6)).toBeDefined();
  });

  test('the tenant of another group has none of its lines', async () => {
    expect(
      await loki.as('south').values('sum(count_over_time({node=~".+", node!="honest-south"}[1h]))'),
    ).toEqual([]);
    // It may send the name of another group, but is stored as its own tenant.
    const tenants = await grafana.series(
      'sum by (__tenant_id__) (count_over_time({node="honest-south"}[1h]))',
    );
    expect(tenants.map(({ metric }) => metric.__tenant_id__)).toContain('south');
  });

  test('each kind of its pushes is refused', async () => {
    const expected = Object.entries({ ...BY_THE_GUARD, ...BY_LOKI }).map(
      ([kind, status]) => `${kind}: ${status}`,
    );
    await eventually(
      () => `also answered are ${expected.filter((one) => !answers.includes(one))}`,
      () => expected.every((one) => answers.includes(one)),
      { seconds: 120 },
    );
    const senseless = expected.filter((one) => !one.endsWith('429')).map((one) => one.replace(/\d+$/, '204'));
    expect(answers.filter((one) => senseless.includes(one))).toEqual([]);
    const { restarts, memory } = loki.pod.container('loki');
    expect({ restarts, kills: memory.kills }).toEqual({ restarts: 0, kills: 0 });
  });

  test('raises its alerts, with its tenant', async () => {
    const firing = (name: string) => query(`ALERTS{alertstate="firing", alertname="${name}"}`);
    let told: string[] = [];
    await eventually(
      () => `all reasons are alerted; they are ${told}`,
      async () => {
        told = (await firing('LokiIngestionRefused')).map(({ metric }) => metric.reason ?? '');
        return REASONS.every((reason) => told.includes(reason));
      },
      { progress: () => told },
    );
    const tenants = (await firing('LokiIngestionRefused')).map(({ metric }) => metric.tenant);
    expect(new Set(tenants)).toEqual(new Set(['north']));
    const statuses = (await firing('LokiPushesInvalid')).map(({ metric }) => metric.status_code);
    expect(statuses).toContain('400');
  });

  test('raises EdgeLogPushesRefused where the guard or the controller refuses it, too, and names the user who is over its limit', async () => {
    const answered = (lines: readonly string[], ...statuses: number[]) =>
      statuses.flatMap((status) => lines.filter((line) => line.includes(`" ${status}`)).slice(0, 100));
    const ofGuards = guards.flatMap((guard) => guard.container('logs-guard').logs);
    keep(GUARD_LOGS, answered(ofGuards, 400, 413, 429));
    keep(CONTROLLER_LOGS, answered(ingress.accessLog, 400, 413, 429));
    const values = async (alert: string, label: string) => {
      const expr = findAlertExpression(alertRulesAboutRefusedRequests({}, `ingress-nginx|${CLOUD}`), alert);
      return `${(await loki.as('cloud').series(expr)).map(({ metric }) => metric[label]).sort()}`;
    };
    await eventually(
      'both are alerted',
      async () => (await values('EdgeLogPushesRefused', 'container')) === 'controller,logs-guard',
    );
    expect(await values('EdgeUserOverLimit', 'user')).toBe('north');
  });

  test('a container that is new in its group waits for the streams of the flood to end, and delays no other', async () => {
    const north = honest['honest-north'] as ContainerLogs;
    north.append(
      CONTAINERS,
      Array.from({ length: LINES }, (_, line) => `late ${line}`),
    );
    north.write('beside', LINES);
    await arrive('north', 'beside', LINES);
    expect(await stored('north', 'late')).toEqual([]);
    flood.kill('SIGKILL');
    // Loki does this by itself half an hour after their last lines.
    await loki.ask('/flush', '');
    const late = () => stored('north', 'late');
    await eventually('its lines are in Loki', async () => (await late())[0] === LINES, { seconds: 280 });
    report('a new container of north, when the flood has ended', LINES, await late());
  });

  /** Writes to the log file of a container of the cloud side. */
  function keep(folder: string, lines: readonly string[]): void {
    const time = new Date().toISOString();
    appendFileSync(
      join(cloud.path(folder), '0.log'),
      lines.map((line) => `${time} stdout F ${line}\n`).join(''),
    );
  }
}

function report(what: string, written: number, stored: readonly number[]): void {
  process.stdout.write(`${what} | ${written} | ${stored.reduce((sum, count) => sum + count, 0)}\n`);
}

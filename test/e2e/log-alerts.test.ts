import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { RELOADER } from '../../lib/agents/config-reloader';
import { yaml } from '../../lib/core/yaml';
import type { RequestOptions } from '../runtime/http';
import type { Node } from '../runtime/node';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';
import { type Message, Webhook } from '../runtime/webhook';
import { CLOUD, EDGE, fleetDist, ReferenceStack, referenceDist } from '../stacks/reference-stack';

const WHAT = 'alerts about log lines reach their receiver';
const NOT_GIVEN = ['E2E_LOKI', 'E2E_FLUENT_BIT'].filter((variable) => !process.env[variable]);

/** Lines of four hours ago: EdgeLogsMissing fires after three. */
const LONG_AGO_MS = 4 * 3_600_000;

/** More than the 20 MiB within an hour of EdgeLogVolumeHigh. */
const MANY_LINES = { lines: 22_000, bytes: 1_000 };

/** More than the 300 requests with a wrong password of BasicAuthFailuresHigh. */
const WRONG_PASSWORDS = 310;

/** Streams that Loki may have. When there are as many, it refuses new streams of everyone. */
const MOST_STREAMS = 100;

/** Larger than the 8 MiB that hosts accept. */
const TOO_LARGE = Buffer.alloc(9 * 2 ** 20, 'x');

/** An environment of the examples, and how its business services and log agents push. */
const ENVIRONMENTS = [
  { name: 'reference', dist: referenceDist, domain: 'edge.example.com', controller: 'ingress-nginx' },
  { name: 'fleet', dist: fleetDist, domain: 'fleet.example.com', controller: 'traefik' },
] as const;

if (NOT_GIVEN.length) test.todo(`${WHAT}: NOT RUN, set ${NOT_GIVEN.join(' and ')}`);
else describe.each(ENVIRONMENTS)(`${WHAT} in the environment $name`, reachTheirReceiver);

function reachTheirReceiver({ dist, domain, controller }: (typeof ENVIRONMENTS)[number]): void {
  let stack: ReferenceStack;
  let receiver: Webhook;
  let collector: Pod;
  let kubelet: NodeJS.Timeout;

  beforeAll(async () => {
    stack = await ReferenceStack.create({ dist: dist() });
    receiver = new Webhook(stack.cluster);
    hurry(stack, receiver);
    await stack.startCloud('alertmanager');
    await stack.startCloud('loki');
    keepLogs();
    kubelet = setInterval(keepLogs, 1_000);
    await stack.cluster.start('DaemonSet', 'monitoring-nodes', 'log-collector', [cloud()]);
    collector = await stack.startEdge('edge-log-collector');
  });

  afterAll(async () => {
    clearInterval(kubelet);
    await stack?.destroy();
  });

  const cloud = () => stack.node('cloud-1');

  const kept = new Map<string, number>();

  /** Writes what pods of the cloud side print to their log files, as their runtime does. */
  function keepLogs(): void {
    const printed = stack.guards.flatMap((guard) =>
      guard.containers.map(({ name, logs }) => ({ pod: `${CLOUD}_${guard.name}`, name, logs })),
    );
    const logs = stack.ingress.accessLog;
    for (const one of [...printed, { pod: `${controller}_controller-1`, name: 'controller', logs }]) {
      const folder = `/var/log/pods/${one.pod}_1c2d/${one.name}`;
      write(cloud(), folder, one.logs.slice(kept.get(folder) ?? 0));
      kept.set(folder, one.logs.length);
    }
  }

  const push = (url: string, options: RequestOptions) =>
    stack.fromEdge(`https://${url}`, { user: stack.credentials, ...options });

  /** Statuses of pushes of a business service. */
  async function serviceStatuses(...pushes: (RequestOptions & { key: string })[]): Promise<number[]> {
    const statuses: number[] = [];
    for (const { key, ...options } of pushes) {
      const { status } = await push(`push.${domain}/services/metrics${key}`, { method: 'PUT', ...options });
      statuses.push(status);
    }
    return statuses;
  }

  /** Waits for the notification about an alert, and returns its labels, without those of all alerts. */
  async function alerted(name: string, ofLabels: Record<string, string> = {}) {
    const isIt = ({ status, labels }: Message['alerts'][number]) =>
      status === 'firing' &&
      labels.alertname === name &&
      Object.entries(ofLabels).every(([label, value]) => labels[label] === value);
    const alert = await eventually(
      () => `${name} arrives at the receiver; there are ${receiver.listNotifications('/ops')}`,
      () => receiver.messages.flatMap(({ alerts }) => alerts).find(isIt),
      { progress: () => receiver.messages.length },
    );
    const { summary = '', description = '', runbook_url } = alert.annotations;
    expect(`${summary} ${description}`).not.toMatch(/no value|<|\{\{/);
    expect(runbook_url).toMatch(new RegExp(`${name}\\.md$`));
    return summary;
  }

  test('ServicePushesRefused, with each status of pushes of services that are refused', async () => {
    const wrong = { ...stack.credentials, password: 'guessed' };
    const statuses = await serviceStatuses(
      { key: '/job/shop', body: 'sold_total 7\n', user: wrong },
      { key: '/shop', body: 'sold_total 7\n' },
      { key: '/job/shop', body: 'sold_total 7\n', method: 'DELETE' },
      { key: '/job/shop', body: TOO_LARGE },
    );
    expect(statuses).toEqual([401, 400, 405, 413]);
    for (const status of statuses)
      expect(await alerted('ServicePushesRefused', { status: `${status}` })).toContain(`with ${status}`);
  });

  test('EdgeLogPushesRefused, when Loki refuses lines', async () => {
    const url = `logs.${domain}/loki/api/v1/push`;
    const headers = { 'Content-Type': 'application/json' };
    const answer = await push(url, { method: 'POST', headers, body: '{"streams": "none"}' });
    expect(answer.status).toBe(400);
    await alerted('EdgeLogPushesRefused', { container: 'logs-guard' });
  });

  test('BasicAuthFailuresHigh, after many wrong passwords', async () => {
    const user = { ...stack.credentials, password: 'guessed' };
    const url = `push.${domain}/services/metrics/job/shop?try=[1-${WRONG_PASSWORDS}]`;
    expect((await push(url, { method: 'PUT', body: 'x 1\n', user })).status).toBe(401);
    await alerted('BasicAuthFailuresHigh');
  });

  test('EdgeLogsMissing, of a node whose collector wrote its last line hours ago', async () => {
    const { logs } = collector.container(RELOADER);
    await eventually('the reloader has written its line', () => logs.length > 0);
    write(stack.edgeNode, folderOf(`${EDGE}_edge-log-collector-x`, RELOADER), logs, LONG_AGO_MS);
    expect(await alerted('EdgeLogsMissing', { node: 'edge-1' })).toContain('edge-1');
  });

  test('EdgeLogVolumeHigh, when containers of a node write much', async () => {
    const lines = Array.from({ length: MANY_LINES.lines }, (_, index) =>
      `${index}`.padEnd(MANY_LINES.bytes, 'x'),
    );
    write(stack.edgeNode, folderOf('shop_web-1', 'web'), lines);
    expect(await alerted('EdgeLogVolumeHigh', { node: 'edge-1' })).toContain('edge-1');
  });

  test('EdgeUserOverLimit, when Loki has too many streams', async () => {
    const now = `${Date.now()}000000`;
    const streams = Array.from({ length: 2 * MOST_STREAMS }, (_, index) => ({
      stream: { job: 'flood', index: `${index}` },
      values: [[now, 'x']],
    }));
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ streams });
    const answer = await push(`logs.${domain}/loki/api/v1/push`, { method: 'POST', headers, body });
    expect(answer.status).toBe(429);
    await alerted('EdgeUserOverLimit', { user: stack.credentials.username });
  });

  test('and no other alert is about log lines', () => {
    const { data } = stack.cluster.object('ConfigMap', CLOUD, 'loki-rules');
    const names = Object.values(data).flatMap((text) =>
      [...String(text).matchAll(/- alert: (\w+)/g)].map(([, name]) => name),
    );
    const told = receiver.messages.flatMap(({ alerts }) => alerts.map(({ labels }) => labels.alertname));
    expect([...new Set(told)].sort()).toEqual(names.sort());
  });
}

const folderOf = (pod: string, container: string): string => `/var/log/pods/${pod}_1c2d/${container}`;

/** Appends lines of a container in the format of the CRI. */
function write(node: Node, folder: string, lines: readonly string[], ageMs = 0): void {
  mkdirSync(node.path(folder), { recursive: true });
  const time = new Date(Date.now() - ageMs).toISOString();
  const text = lines.map((line) => `${time} stdout F ${line}\n`).join('');
  appendFileSync(join(node.path(folder), '0.log'), text);
}

/** Shortens the times of rules and notifications, and notifies the receiver of all alerts. */
function hurry({ cluster }: ReferenceStack, receiver: Webhook): void {
  const change = (name: string, edit: (file: string, text: string) => string) => {
    const config = cluster.object('ConfigMap', CLOUD, name);
    const data = Object.entries<string>(config.data).map(([file, text]) => [file, edit(file, text)]);
    cluster.apply({ ...config, data: Object.fromEntries(data) });
  };
  change('loki-rules', (_, text) =>
    text.replace(/^( +for:) \d+m$/gm, '$1 1s').replace(/^( +interval:) \d+m$/gm, '$1 2s'),
  );
  change('loki-config', (_, text) => {
    const config = parse(text);
    Object.assign(config.ruler, { evaluation_interval: '2s', poll_interval: '2s' });
    config.limits_config.max_global_streams_per_user = MOST_STREAMS;
    return yaml(config);
  });
  change('alertmanager-config', (file, text) => {
    if (file !== 'alertmanager.yaml') return text;
    const config = parse(text);
    Object.assign(config.route, { receiver: 'ops', group_wait: '1s', group_interval: '1s' });
    config.receivers.push({ name: 'ops', webhook_configs: [{ url: receiver.url('/ops') }] });
    return yaml(config);
  });
}

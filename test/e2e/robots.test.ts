import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { CloudChart, dingTalk, type Settings, weComRobot } from '../../lib';
import { freePort } from '../runtime/free-port';
import { dataFolder, program, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { containersOf, findOnly, type Manifest } from '../support/manifests';
import { minimalSettings } from '../support/settings';

const KEY = '633a31f6-7f9c-4bc4-97a0-0ec1eefa5898';

const settings: Settings = {
  ...minimalSettings,
  secrets: { receivers: 'alertmanager-receivers' },
  receivers: [
    weComRobot({ name: '值班', secretKey: 'wecom-key' }),
    dingTalk({ name: 'ding', secretKey: 'dingtalk-url' }),
  ],
  alerts: { routes: [{ receiver: '值班', group_wait: '1s', group_interval: '10s', continue: true }] },
};

/** Tencent's endpoint cannot be asked here: this one answers as it is documented. */
class Tencent {
  readonly contents: string[] = [];
  /** Requests that are refused before the first message is accepted. */
  readonly refusals: number[] = [];
  attempts = 0;
  readonly server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://qyapi');
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      this.attempts += 1;
      const isRobot = pathname === '/cgi-bin/webhook/send' && searchParams.get('key') === KEY;
      const errcode = isRobot ? this.take(Buffer.concat(parts)) : 93_000;
      response.end(JSON.stringify({ errcode, errmsg: errcode ? `refused, key=${KEY}` : 'ok' }));
    });
  });

  private take(body: Buffer): number {
    const { msgtype, markdown } = JSON.parse(body.toString());
    if (msgtype !== 'markdown' || Buffer.byteLength(markdown.content) > 4_096) return 40_058;
    const refusal = this.refusals.shift();
    if (refusal === undefined) this.contents.push(markdown.content);
    return refusal ?? 0;
  }
}

describe('a robot of WeCom', () => {
  const tencent = new Tencent();
  const programs: ChildProcess[] = [];
  let folder: string;
  let alertmanager: string;
  let said = '';

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'robots-'));
    await new Promise<void>((done) => tencent.server.listen(0, '127.0.0.1', done));
    const { port } = tencent.server.address() as AddressInfo;
    const objects: Manifest[] = new CloudChart(new App(), 'cloud', { settings }).toJson();
    write('receivers', { 'wecom-key': `http://127.0.0.1:${port}/cgi-bin/webhook/send?key=${KEY}\n` });
    const relayPort = await startRelay(objects);
    await startAlertmanager(objects, relayPort);
  });

  afterAll(() => {
    for (const one of programs) one.kill('SIGKILL');
    tencent.server.close();
    rmSync(folder, { recursive: true });
    expect(said).not.toContain(KEY);
  });

  function write(part: string, files: Readonly<Record<string, string>>): string {
    mkdirSync(join(folder, part));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, part, name), text);
    return join(folder, part);
  }

  function start(command: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    const started = spawnKilledWithParent(command, { env: { ...process.env, ...env } });
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on('data', (data) => {
        said += data;
      });
    }
    programs.push(started);
  }

  /** The container of the manifests, with its files in a folder of the test. */
  async function startRelay(objects: readonly Manifest[]): Promise<number> {
    const statefulSet = findOnly(objects, 'StatefulSet', 'alertmanager');
    const relay = containersOf(statefulSet).find(({ name }) => name === 'robot-relay');
    const relayFolder = write('relay', findOnly(objects, 'ConfigMap', 'alertmanager-robot-relay').data);
    const port = await freePort();
    const env = Object.fromEntries((relay?.env ?? []).map(({ name, value = '' }) => [name, value]));
    const robots = env.ROBOTS?.replaceAll('/etc/alertmanager/receivers', join(folder, 'receivers'));
    const command = (relay?.command ?? []).map((part) => part.replace('/opt/robot-relay', relayFolder));
    start(command, { ROBOTS: robots, LISTEN_PORT: `${port}` });
    await eventually('the relay answers', async () => (await fetch(`http://127.0.0.1:${port}/-/healthy`)).ok);
    return port;
  }

  async function startAlertmanager(objects: readonly Manifest[], relayPort: number): Promise<void> {
    const { data } = findOnly(objects, 'ConfigMap', 'alertmanager-config');
    const config = join(folder, 'config');
    const text = data['alertmanager.yaml']
      .replaceAll('/etc/alertmanager/config', config)
      .replaceAll('127.0.0.1:8060', `127.0.0.1:${relayPort}`);
    write('config', { ...data, 'alertmanager.yaml': text });
    alertmanager = `127.0.0.1:${await freePort()}`;
    // Debian's build reads its own templates from a folder of the system.
    const templates = dataFolder('/usr/share/prometheus');
    start([
      ...['bwrap', '--die-with-parent', '--dev-bind', '/', '/', '--tmpfs', '/usr/share'],
      ...['--ro-bind', templates, '/usr/share/prometheus', program('prometheus-alertmanager')],
      `--config.file=${config}/alertmanager.yaml`,
      `--storage.path=${folder}/data`,
      `--web.listen-address=${alertmanager}`,
      '--cluster.listen-address=',
    ]);
    await eventually(
      () => `Alertmanager answers: ${said}`,
      async () => (await fetch(`http://${alertmanager}/-/ready`)).ok,
    );
  }

  async function fire(alertname: string, ...nodes: string[]): Promise<void> {
    const alerts = nodes.map((node) => ({
      labels: { alertname, node, cluster: 'north', severity: 'warning' },
      annotations: {
        summary: `Silent: edge node ${node}`,
        description: `No data received from edge node ${node} for 5m`,
        runbook_url: `https://runbooks.example.com/${alertname}.md`,
      },
    }));
    const body = JSON.stringify(alerts);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`http://${alertmanager}/api/v2/alerts`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
  }

  const contentOf = (alertname: string) =>
    eventually(`${alertname} is told of`, () => tencent.contents.find((text) => text.includes(alertname)));

  test('is told what fires, without markup and mentions of what a node calls itself', async () => {
    await fire('EdgeNodeSilent', 'edge-1 <@all> **x** [y](http://evil.example)');
    const content = await contentOf('EdgeNodeSilent');
    expect(content.split('\n')[0]).toBe('### [FIRING 1] EdgeNodeSilent in north');
    expect(content).toContain('Silent: edge node edge-1 ＜@\u200ball＞ ＊＊x＊＊ ［y］(http://evil.example)');
    expect(content).toContain('[runbook](https://runbooks.example.com/EdgeNodeSilent.md)');
    expect(content).not.toMatch(/<@|@all|\*\*/);
  });

  test('that refuses with an answer of 200 is told again by Alertmanager, until it takes the message', async () => {
    const before = tencent.attempts;
    tencent.refusals.push(45_009, -1);
    await fire('EdgeDiskFull', 'edge-2');
    expect(await contentOf('EdgeDiskFull')).toContain('edge-2');
    expect(tencent.attempts - before).toBe(3);
    expect(said).toContain('robot wecom 0 值班 did not accept a message: 45009 refused, key=***');
  });

  test('is told of a thousand alerts in a message that it takes', async () => {
    await fire('EdgeRebootLoop', ...Array.from({ length: 1_000 }, (_, index) => `边缘节点-${index}`));
    const [first = '', ...lines] = (await contentOf('EdgeRebootLoop')).split('\n');
    const [, more] = /^and (\d+) more$/.exec(lines.pop() ?? '') ?? [];
    // Alertmanager may not have all of them yet.
    expect(first).toContain(`[FIRING ${Number(more) + lines.filter(Boolean).length}]`);
    expect(Number(more)).toBeGreaterThan(50);
  });
});

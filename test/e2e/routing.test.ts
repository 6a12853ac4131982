import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdk8s';
import * as library from '../../lib';
import {
  CloudChart,
  dingTalk,
  email,
  pagerDuty,
  type Settings,
  slack,
  webhook,
  weCom,
  weComRobot,
} from '../../lib';
import { tryRun } from '../runtime/programs';
import { codeBlocks } from '../support/code-blocks';
import { findOnly } from '../support/manifests';
import { minimalSettings } from '../support/settings';
import { executeSource } from '../support/typescript';

const settings: Settings = {
  ...minimalSettings,
  secrets: { receivers: 'alertmanager-receivers' },
  receivers: [
    webhook({ name: 'ops', secretKey: 'webhook-url' }),
    email({
      name: 'mail',
      secretKey: 'smtp-password',
      to: 'ops@example.com',
      from: 'alerts@example.com',
      smarthost: 'smtp.example.com:587',
      username: 'alerts',
    }),
    slack({ name: 'north', secretKey: 'slack-url', channel: '#north' }),
    pagerDuty({ name: 'on-call', secretKey: 'pagerduty-key' }),
    weCom({ name: 'wecom', secretKey: 'wecom-secret', corpId: 'ww1', agentId: '1000002' }),
    dingTalk({ name: 'robot', secretKey: 'dingtalk-url', signingKey: 'dingtalk-key' }),
    weComRobot({ name: 'wecom-group', secretKey: 'wecom-key' }),
    webhook({ name: 'outside', secretKey: 'heartbeat-url' }),
  ],
  alerts: {
    heartbeat: 'outside',
    timeIntervals: { nights: [{ times: [{ start_time: '20:00', end_time: '24:00' }] }] },
    routes: [
      { receiver: 'on-call', matchers: ['severity="critical"'], continue: true },
      { receiver: 'north', matchers: ['group="north"'], mute_time_intervals: ['nights'] },
      { receiver: 'robot', matchers: ['group="south"'] },
      { receiver: 'mail', matchers: ['alertname=~"Kube.*"', 'severity="info"'] },
    ],
  },
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'routing-'));
  const objects = new CloudChart(new App(), 'cloud', { settings }).toJson();
  const files: Record<string, string> = findOnly(objects, 'ConfigMap', 'alertmanager-config').data;
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
});

afterAll(() => rmSync(folder, { recursive: true }));

const config = () => join(folder, 'alertmanager.yaml');

test('every kind of receiver, routes, times and inhibitions are a configuration for Alertmanager', async () => {
  const { code, stderr } = await tryRun('amtool', ['check-config', config()]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('what a node calls itself mentions nobody and links to nothing, and is one line', async () => {
  const hostile = '<!channel> <http://evil.example|n>\nOver: all';
  const alert = (status: string) => ({ status, annotations: { summary: hostile, description: hostile } });
  const data = {
    status: 'firing',
    alerts: [alert('firing'), alert('resolved')],
    commonLabels: { alertname: hostile, cluster: hostile, group: hostile },
  };
  const file = join(folder, 'data.json');
  writeFileSync(file, JSON.stringify(data));
  for (const [template, most] of Object.entries({ 'edge.title': 1, 'edge.text': 2 })) {
    const { code, stdout } = await tryRun('amtool', [
      ...['template', 'render', `--template.glob=${join(folder, '*.tmpl')}`, `--template.data=${file}`],
      `--template.text={{ template "${template}" . }}`,
    ]);
    expect([code, stdout.includes('<'), stdout.trim().split('\n').length]).toEqual([0, false, most]);
    expect(stdout).toContain('＜!channel> ＜http://evil.example|n> Over: all');
  }
});

test.each([
  ['ops', ['alertname=LokiDown', 'severity=warning']],
  ['on-call', ['alertname=LokiDown', 'severity=critical']],
  ['north', ['alertname=EdgeNodeSilent', 'severity=warning', 'group=north', 'node=n1']],
  ['on-call,north', ['alertname=EdgeGroupSilent', 'severity=critical', 'group=north']],
  ['robot', ['alertname=EdgeDiskFull', 'severity=warning', 'group=south']],
  ['outside', ['alertname=Watchdog', 'severity=none']],
  ['nobody', ['alertname=EdgePodOutdated', 'severity=info']],
  ['mail', ['alertname=KubeVolumeFilling', 'severity=info']],
])('%s hears of %j', async (receivers, labels) => {
  const { code, stdout, stderr } = await tryRun('amtool', [
    ...['config', 'routes', 'test', `--config.file=${config()}`, `--verify.receivers=${receivers}`],
    ...labels,
  ]);
  expect({ code, said: `${stdout}${stderr}` }).toMatchObject({ code: 0 });
});

describe('the example of the page of alerts', () => {
  const example = codeBlocks('docs/alerts.md').find(({ code }) => code.includes('timeIntervals'));
  let path: string;

  beforeAll(() => {
    path = join(folder, 'example.yaml');
    class RecordedChart extends CloudChart {
      constructor(...args: ConstructorParameters<typeof CloudChart>) {
        super(...args);
        const { data } = findOnly(this.toJson(), 'ConfigMap', 'alertmanager-config');
        writeFileSync(path, data['alertmanager.yaml']);
      }
    }
    class AppInFolder extends App {
      constructor() {
        super({ outdir: join(folder, 'example') });
      }
    }
    executeSource(example?.code ?? '', (name) =>
      name === 'cdk8s' ? { App: AppInFolder } : { ...library, CloudChart: RecordedChart },
    );
  });

  test.each([
    ['ops', ['alertname=LokiDown', 'severity=warning']],
    ['ops,on-call', ['alertname=LokiDown', 'severity=critical']],
    ['ops,site-north', ['alertname=EdgeDiskFull', 'severity=warning', 'group=north']],
    ['ops,on-call,site-north', ['alertname=EdgeGroupSilent', 'severity=critical', 'group=north']],
    ['outside', ['alertname=Watchdog', 'severity=none']],
    ['nobody', ['alertname=EdgePodOutdated', 'severity=info']],
  ])('notifies %s of %j', async (receivers, labels) => {
    const { code, stdout, stderr } = await tryRun('amtool', [
      ...['config', 'routes', 'test', `--config.file=${path}`, `--verify.receivers=${receivers}`],
      ...labels,
    ]);
    expect({ code, said: `${stdout}${stderr}` }).toMatchObject({ code: 0 });
  });
});

test('a message names what fires and where to look, and what is over', async () => {
  const alert = (status: string, node: string) => ({
    status,
    labels: { alertname: 'EdgeNodeSilent', cluster: 'c', group: 'north', node },
    annotations: {
      summary: `Silent: ${node}`,
      description: 'For 10m.',
      runbook_url: 'https://r/EdgeNodeSilent.md',
    },
  });
  const file = join(folder, 'data.json');
  writeFileSync(
    file,
    JSON.stringify({
      status: 'firing',
      commonLabels: { alertname: 'EdgeNodeSilent', cluster: 'c', group: 'north' },
      alerts: [alert('firing', 'n1'), alert('resolved', 'n2')],
    }),
  );
  const render = async (text: string) => {
    const glob = `--template.glob=${folder}/*.tmpl`;
    const args = ['template', 'render', glob, `--template.data=${file}`, `--template.text=${text}`];
    return (await tryRun('amtool', args)).stdout;
  };
  expect(await render('{{ template "edge.title" . }}')).toBe('[FIRING 1] EdgeNodeSilent in c, group north');
  expect(await render('{{ template "edge.text" . }}')).toBe(
    'Silent: n1: For 10m.\nhttps://r/EdgeNodeSilent.md\nOver: Silent: n2\n',
  );
});

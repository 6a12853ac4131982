import type { App } from 'cdk8s';
import { CloudChart, prometheusOperator, type Settings } from '../../../lib';
import { callCommand } from '../../support/recorded-io';
import { minimalSettings } from '../../support/settings';

function runPlan(...args: string[]) {
  const environment = (settings: Settings) => (app: App) => {
    new CloudChart(app, 'cloud', { settings });
  };
  const environments = {
    sized: environment({ ...minimalSettings, edge: { fleet: { nodes: 300 } } }),
    unsized: environment(minimalSettings),
  };
  return callCommand(['plan', ...args], environments);
}

test('the plan of every environment is printed, or that it says nothing of a fleet', async () => {
  const { code, stdout } = await runPlan();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^sized +now +at 10 times the nodes\nnodes +300 +3,000$/m);
  expect(stdout).toContain(
    'the environment unsized has no plan, because its settings do not describe the fleet: set edge.fleet',
  );
});

test('it can be that of one', async () => {
  expect((await runPlan('--environment', 'sized')).stdout).not.toContain('unsized');
  expect(await runPlan('--environment', 'x')).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('allowed: sized, unsized'),
  });
});

test('an environment of several clusters has a plan for each', async () => {
  const sites = (app: App) => {
    for (const [cluster, nodes] of [['north', 300] as const, ['south', 40] as const]) {
      new CloudChart(app, cluster, { settings: { ...minimalSettings, cluster, edge: { fleet: { nodes } } } });
    }
  };
  expect((await callCommand(['plan'], { sites })).stdout.match(/^(sites .*?|nodes) +\S+/gm)).toEqual([
    expect.stringMatching(/^sites north +now/),
    expect.stringMatching(/^nodes +300/),
    expect.stringMatching(/^sites south +now/),
    expect.stringMatching(/^nodes +40/),
  ]);
});

test('what to set in the Prometheus object of an operator is printed, and what the fleet adds to it', async () => {
  const environments = {
    shared: (app: App) => {
      const metricsStore = prometheusOperator({ namespace: 'kps', labels: { release: 'kps' } });
      new CloudChart(app, 'cloud', {
        settings: { ...minimalSettings, edge: { fleet: { nodes: 300 } }, metricsStore },
      });
    },
  };
  const { stdout } = await callCommand(['plan'], environments);
  expect(stdout).toMatch(/^Prometheus: memory of each +/m);
  expect(stdout).not.toContain('Prometheus: volume');
  expect(stdout).toContain('kps/kps-kube-prometheus-stack-prometheus');
  expect(stdout).toMatch(/enableRemoteWriteReceiver: true\n.*outOfOrderTimeWindow: 7800s/);
});

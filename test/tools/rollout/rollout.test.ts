import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'cdk8s';
import { CloudChart, EdgeChart } from '../../../lib';
import { createIoWithEscapedOutput } from '../../../lib/tools/process/clean-output';
import { performRollout, type RolloutOptions } from '../../../lib/tools/rollout/perform-rollout';
import { callCommand, createRecordedIo } from '../../support/recorded-io';
import { minimalSettings } from '../../support/settings';
import { NAMESPACE, RecordedCluster } from './cluster';

const NODES = Array.from({ length: 10 }, (_, index) => `edge-${index}`);

const OPTIONS: RolloutOptions = {
  daemonSets: ['edge-log-collector', 'edge-node-exporter'].map((name) => ({ namespace: NAMESPACE, name })),
  steps: [50, 100],
  apply: true,
  timeoutSeconds: 600,
  watchSeconds: 30,
  pauseSeconds: 5,
};

const nodesOf = (pods: readonly string[]): string[] => [
  ...new Set(pods.map((pod) => /edge-\d+/.exec(pod)?.[0] ?? pod)),
];

describe('a rollout', () => {
  let cluster: RecordedCluster;

  beforeEach(() => {
    cluster = new RecordedCluster(NODES, (node) => (node === 'edge-7' ? 'lab' : 'field'));
  });

  async function roll(options: Partial<RolloutOptions> = {}): Promise<string> {
    const { io, written } = createRecordedIo();
    await performRollout({ ...OPTIONS, ...options }, { ...cluster, io });
    return written.stdout;
  }

  test('shows the plan and changes nothing, unless told to apply', async () => {
    expect(await roll({ apply: false, steps: [30, 100] })).toBe(
      [
        'cluster: context test-cluster',
        'DaemonSets: monitoring-edge/edge-log-collector, monitoring-edge/edge-node-exporter',
        '0 nodes are already up to date',
        'canary: 1 nodes: edge-0',
        '30 %: 2 nodes: edge-1, edge-2',
        '100 %: 7 nodes: edge-3, edge-4, edge-5, edge-6, edge-7, edge-8, edge-9',
        'nothing was changed; use --apply to perform the rollout',
        '',
      ].join('\n'),
    );
    expect(cluster.calls.filter((call) => !/^(get|config current-context)/.test(call))).toEqual([]);
  });

  test('says on a terminal what it waits for, and takes that away before the next line', async () => {
    const { io, written } = createRecordedIo();
    await performRollout(OPTIONS, {
      ...cluster,
      io: createIoWithEscapedOutput({ ...io, stderrIsTerminal: true }),
    });
    const shown = written.stderr.split('\r\x1b[K');
    expect(shown).toContain('canary: ready, watching for restarts ...');
    expect(shown.at(-1)).toBe('');
  });

  test('deletes the old pods of a canary, then of growing shares, each when the last is well', async () => {
    const said = await roll();
    expect(cluster.deleted.map((pods) => nodesOf(pods).length)).toEqual([1, 4, 5]);
    expect(cluster.rolled).toEqual(NODES);
    expect(said).toContain(
      'canary: ready on 1 of 1 nodes\n50 %: ready on 4 of 4 nodes\n100 %: ready on 5 of 5 nodes',
    );
  });

  test('watches each group for a while before the next', async () => {
    await roll();
    expect(cluster.clock.now()).toBe(3 * 30);
  });

  test('begins with the nodes that are named as canaries', async () => {
    await roll({ canary: 'site=lab' });
    expect(nodesOf(cluster.deleted[0] ?? [])).toEqual(['edge-7']);
  });

  test('leaves out nodes that are not connected, and names them for later', async () => {
    for (const node of ['edge-0', 'edge-5']) cluster.offline.add(node);
    const said = await roll();
    expect(said).toContain('2 nodes are skipped, because they are not connected: edge-0, edge-5');
    expect(said).toContain('these nodes were not updated, because they are not connected: edge-0, edge-5');
    expect(cluster.rolled).toEqual(NODES.filter((node) => !['edge-0', 'edge-5'].includes(node)));
  });

  test('stops at the first group whose pods do not become well, and goes on with what is left', async () => {
    cluster.fates.set('edge-2', 'crashing');
    await expect(roll()).rejects.toThrow(
      /^50 %: stopped, because pods are not ready after 600 s on these nodes: edge-2; .* run the command again to continue with the remaining nodes$/,
    );
    expect(cluster.rolled).toEqual(NODES.slice(0, 5));

    for (const pod of cluster.pods.values()) pod.fate = 'well';
    const before = cluster.deleted.length;
    await roll();
    expect(cluster.deleted.slice(before).flatMap(nodesOf)).toEqual(NODES.slice(5));
    expect(await roll()).toContain('nothing to update on connected nodes');
  });

  test('goes on when a few nodes of a group are lost meanwhile', async () => {
    cluster.fates.set('edge-3', 'lost');
    expect(await roll({ steps: [100] })).toContain(
      '100 %: ready on 8 of 9 nodes\nthese nodes were not updated, because they are not connected: edge-3',
    );
  });

  test('stops when half of a group is lost', async () => {
    cluster.fates.set('edge-0', 'lost');
    await expect(roll()).rejects.toThrow(
      'canary: stopped, because pods are not ready after 600 s on these nodes: edge-0 (no longer connected)',
    );
    expect(cluster.deleted).toHaveLength(1);
  });

  test('watches pods that became ready within the timeout, even after the timeout', async () => {
    expect(await roll({ timeoutSeconds: 10, steps: [100] })).toContain('100 %: ready on 9 of 9 nodes');
  });

  test('can be kept to some nodes, and to one DaemonSet', async () => {
    await roll({ selector: 'site=lab', daemonSets: OPTIONS.daemonSets.slice(1) });
    expect(cluster.deleted).toEqual([['edge-node-exporter-edge-7']]);
  });

  test('does nothing before the cluster has seen the newest templates', async () => {
    cluster.observedGeneration = 1;
    await expect(roll()).rejects.toThrow(
      `has not processed the latest version of DaemonSet ${NAMESPACE}/edge-log-collector yet`,
    );
    expect(cluster.deleted).toEqual([]);
  });

  test('says which DaemonSet is not there yet', async () => {
    const daemonSets = [{ namespace: NAMESPACE, name: 'edge-modem' }];
    await expect(roll({ daemonSets })).rejects.toThrow(
      `DaemonSet ${NAMESPACE}/edge-modem does not exist in the cluster`,
    );
  });

  test('deletes no more pods in one call than a command line holds', async () => {
    cluster = new RecordedCluster(Array.from({ length: 120 }, (_, index) => `edge-${index}`));
    await roll({ steps: [100] });
    expect(cluster.deleted.map(({ length }) => length)).toEqual([2, 100, 100, 38]);
  });
});

describe('the command', () => {
  const environments = {
    least: (app: App) => {
      const { metrics, logs } = new CloudChart(app, 'cloud', { settings: minimalSettings });
      new EdgeChart(app, 'edge', { settings: minimalSettings, metrics, logs });
    },
  };
  const DAEMON_SETS = ['edge-node-exporter', 'edge-log-collector'];
  const path = process.env.PATH;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollout-'));
    process.env.PATH = `${folder}:${path}`;
  });

  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  /** Installs a program as kubectl that records its calls and returns no nodes. */
  function installKubectl(): void {
    const script = `#!/bin/sh
echo "$@" >>${folder}/calls
case $2 in
  daemonsets) echo '{"items":[${DAEMON_SETS.map((name) => `{"metadata":{"name":"${name}"}}`)}]}' ;;
  current-context) echo north ;;
  *) echo '{"items":[]}' ;;
esac
`;
    writeFileSync(join(folder, 'kubectl'), script);
    chmodSync(join(folder, 'kubectl'), 0o755);
  }

  const run = (...args: string[]) => callCommand(['rollout', ...args], environments);

  test('asks kubectl about the DaemonSets of the environment that roll by hand', async () => {
    installKubectl();
    const { code, stdout, stderr } = await run('--apply', '--selector', 'site=lab');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(
      `context north\nDaemonSets: ${DAEMON_SETS.map((name) => `monitoring-edge/${name}`).join(', ')}\n`,
    );
    expect(readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')).toEqual([
      'config current-context',
      'get nodes --selector site=lab --output json',
      'get daemonsets --namespace monitoring-edge --output json',
      'get controllerrevisions --namespace monitoring-edge --output json',
      'get pods --namespace monitoring-edge --output json',
    ]);
  });

  test.each([
    [['--steps', '50,10'], '--steps is "50,10"; allowed: ascending percentages that end with 100'],
    [['--steps', '10,90'], '--steps is "10,90"'],
    [['--watch', 'soon'], '--watch is "soon"; allowed: a whole number and a unit'],
    [['--daemon-set', 'x'], '--daemon-set is "x"; allowed: edge-'],
    [['--environment', 'x'], '--environment is "x"; allowed: least'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
  });

  test('says what is wrong with kubectl', async () => {
    process.env.PATH = folder;
    const { code, stderr } = await run();
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('kubectl config current-context failed: kubectl is not installed'),
    ]);
  });
});

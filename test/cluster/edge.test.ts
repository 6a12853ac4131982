import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../runtime/wait';
import { cleanUp, kubectl, list, OURS, runCommand, tryKubectl, UPLINK } from './cluster';
import { serveByCopies } from './host-names';
import {
  certify,
  countLines,
  edgeIsReady,
  HOSTS,
  INTERVAL,
  LOG_AGENT,
  NAME,
  NEW_HOSTS,
  write,
} from './installation';
import { edgeNodes, isReady } from './nodes';
import { Project } from './project';
import { SERVICES } from './services';
import { type Arrived, COUNTING, Stores } from './stores';

/** Duration in seconds of the outage of a node whose uplink is cut. */
const OUTAGE_SECONDS = Number(process.env.E2E_OUTAGE_SECONDS ?? 60);
const EDGE = ['--namespace', 'monitoring-edge'];
/** Label of the nodes that move to a group. */
const SITE = 'edge-observability-test/site';
/**
 * Maximum number of missing scrapes while pods of a node are replaced twice: once to move the node, and once to update
 * its pods.
 */
const SCRAPES_OF_NEW_PODS = 6;
/** A setting with an image of the log agent that no registry has. */
const NO_IMAGE = `images: { overrides: { ${LOG_AGENT}: 'registry.invalid/none:1' } },\n  `;
const SLOW = { seconds: 300, pauseMs: 3_000 };

const project = Project.create();
const stores = new Stores();
let began: number;

const onEnvironment = (...args: string[]) => project.run([...args, '--environment', NAME]);
const apply = (...args: string[]) => onEnvironment('apply', ...args);
const rollout = (...args: string[]) =>
  project.command(['rollout', '--environment', NAME, '--apply', '--watch', '5s', ...args]);
/**
 * Command that restarts EdgeCore during the outage. There is none for Alloy, because Alloy loses lines that it has read
 * if it is stopped during an outage.
 */
const RESTART = LOG_AGENT === 'alloy' ? undefined : UPLINK.restart;
/** Returns the seconds since all pods were ready, plus one minute. */
const sinceBegin = () => Math.round((Date.now() - began) / 1_000) + 60;

const HAS_HOSTS = HOSTS.metrics !== undefined && HOSTS.logs !== undefined;
const nodes = HAS_HOSTS ? edgeNodes() : [];

/**
 * Returns the function that defines a test: `test` if the condition is met, otherwise a function that defines a todo
 * test whose name contains the reason.
 */
const testWith = (reason: string, given: unknown) => (given ? test : notRun(reason));
const notRun = (reason: string) => (name: string, _run: () => Promise<void>, _timeout?: number) =>
  test.todo(`${name}: NOT RUN, ${reason}`);

if (!HAS_HOSTS) test.todo('real edge nodes: NOT RUN, set E2E_METRICS_HOST and E2E_LOGS_HOST');

(HAS_HOSTS ? describe : describe.skip)(`real edge nodes: ${nodes.map(({ name }) => name).join(', ')}`, () => {
  beforeAll(() => {
    if (!nodes.length) throw new Error('no edge node is connected: join one with KubeEdge, or label one');
  });

  afterAll(async () => {
    stores.close();
    await cleanUp();
  });

  test('init writes an environment without asking', async () => {
    expect(await write(project)).toContain(`environments/${NAME}.ts`);
  });

  test('everything but its Secrets is applied', async () => {
    await apply('--namespaces');
    await kubectl(['create', 'namespace', COUNTING]);
    await certify(project);
    await apply();
  });

  testWith(
    'KubeEdge runs not all of the edge nodes, and a kubelet says what is missing in an event',
    nodes.every(({ isOfKubeEdge }) => isOfKubeEdge),
  )('an edge pod names the Secret that is missing, and is not ready', async () => {
    await eventually('the name', async () => (await logsOf('wait-for-files')).includes('Secret'), SLOW);
    const said = await logsOf('wait-for-files');
    const pods = [...said.matchAll(/^\[pod\/(\S+)\/.*waiting for Secret logs-credentials/gm)].map(
      ([, pod]) => pod,
    );
    expect(pods.length).toBeGreaterThan(0);
    expect(new Set(pods).size).toBe(pods.length);
    expect((await list('pods', ...EDGE, '--selector', COLLECTOR)).filter(isReady)).toEqual([]);
    const { stdout } = await project.command(['doctor', '--environment', NAME]);
    expect(stdout).toMatch(/pods in monitoring-edge wait for a ConfigMap or Secret: edge-log-collector-/);
  });

  test('with its Secrets, every pod of the edge becomes ready without being touched', async () => {
    await kubectl(['apply', '--server-side', '--filename', '-'], await onEnvironment('credentials'));
    await edgeIsReady(nodes);
    const [agent] = await list('pods', ...EDGE, '--selector', COLLECTOR);
    await countLines(imageOf(agent, 'wait-for-files'));
    began = Date.now();
  });

  test('samples of each edge node arrive, with its labels', async () => {
    for (const { name } of nodes) {
      const query = `up{node="${name}",cluster="${NAME}",job="node_exporter"}`;
      await eventually(query, async () => (await stores.series(query)).length === 1, SLOW);
    }
  });

  test('lines of each edge node arrive, with its labels', async () => {
    for (const { name } of nodes) {
      const arrived = async () => (await stores.counted(name, 600)).count > 0;
      await eventually(`lines of ${name}`, arrived, SLOW);
      const [stream] = await stores.lines(`{node="${name}", container="counting"}`, 600);
      expect(stream?.stream).toMatchObject({ cluster: NAME, node: name, container: 'counting' });
    }
  });

  test('pushes of services of each edge node arrive, from the network of the node and from one of their own', async () => {
    for (const { name } of nodes) {
      for (const service of Object.keys(SERVICES)) {
        const query = `pushed_number{node="${name}",cluster="${NAME}",job="${service}"}`;
        await eventually(query, async () => (await stores.series(query)).length > 0, SLOW);
      }
    }
  });

  test('a new password reaches every node, and the old one is not used any more', async () => {
    const users = (namespace: string, ...names: string[]) =>
      kubectl(['get', 'secret', ...names, '--namespace', namespace, '--output', 'yaml']);
    const before = [
      await users('monitoring', 'push-users', 'logs-users'),
      await users('monitoring-edge', 'edge-push-users'),
    ];
    const rotate = ['credentials', '--environment', NAME, '--rotate'];
    const rotated = await project.run(rotate, before.join('---\n'));
    await kubectl(['apply', '--server-side', '--filename', '-'], rotated);
    await eventually(
      'two users in the log of the guards',
      async () => usersIn(await guardLogs('30s')) === 'edge-2',
      {
        ...SLOW,
        seconds: 420,
      },
    );
    await nothingIsLost();
  });

  test('a change of the configuration reaches every node without a new pod', async () => {
    const before = await podNames();
    project.edit(NAME, 'logs: { agent', "logs: { streamLabels: { suite: 'changed' }, agent");
    await apply();
    for (const { name } of nodes) {
      const changed = async () => (await stores.lines(`{node="${name}", suite="changed"}`, 60)).length > 0;
      await eventually(`the new label on ${name}`, changed, SLOW);
    }
    expect(await podNames()).toEqual(before);
  });

  test('a rollout of an image that does not exist stops at the first node', async () => {
    project.edit(NAME, "cluster: '", `${NO_IMAGE}cluster: '`);
    await apply();
    const { code, stderr } = await rollout('--timeout', '60s');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('canary: stopped, because pods are not ready after 60 s'),
    ]);
    const ready = (await list('pods', ...EDGE, '--selector', COLLECTOR)).filter(isReady);
    expect(ready).toHaveLength(nodes.length - 1);
  });

  test('the rollout continues on all nodes when the image exists again', async () => {
    project.edit(NAME, NO_IMAGE, '');
    await apply();
    expect(await rollout('--timeout', '5m')).toMatchObject({ code: 0 });
    await edgeIsReady(nodes);
    await nothingIsLost();
  });

  testWith('set E2E_UPLINK_CUT and E2E_UPLINK_MEND', UPLINK.cut && UPLINK.mend)(
    `an outage of ${OUTAGE_SECONDS} s${RESTART ? ', with a restart of EdgeCore in it,' : ''} loses no sample, no push and no line`,
    async () => {
      const [{ name } = { name: '' }] = nodes;
      await runCommand(UPLINK.cut ?? '', name);
      await sleep((OUTAGE_SECONDS * 1_000) / 2);
      if (RESTART) await runCommand(RESTART, name);
      await sleep((OUTAGE_SECONDS * 1_000) / 2);
      await runCommand(UPLINK.mend ?? '', name);
      const mended = Date.now() / 1_000;
      const isBack = async () => {
        const [series] = await stores.series(`timestamp(up{node="${name}",job="node_exporter"}) > ${mended}`);
        return series !== undefined;
      };
      await eventually('fresh samples', isBack, SLOW);
      await nothingIsLost();
    },
    (OUTAGE_SECONDS + 600) * 1_000,
  );

  test('a node moves to a group of its own, and no line and no sample that was measured is lost', async () => {
    const [{ name } = { name: '' }] = nodes;
    await kubectl(['label', 'node', name, `${SITE}=moved`, '--overwrite']);
    const group = `{ name: 'moved', nodeSelector: { '${SITE}': 'moved' }, fleet: { nodes: 1 } }`;
    project.edit(NAME, 'edge: {', `edge: {\n    groups: [${group}],`);
    const before = await podNames();
    await apply('--keep-placement');
    expect(await podNames()).toEqual(before);
    expect(await rollout('--placement', '--timeout', '5m')).toMatchObject({ code: 0 });
    await apply();
    await onEnvironment('prune', '--apply');
    expect(await rollout('--timeout', '5m')).toMatchObject({ code: 0 });
    const query = `up{node="${name}",group="moved",job="node_exporter"}`;
    await eventually(query, async () => (await stores.series(query)).length === 1, SLOW);
    await nothingIsLost(SCRAPES_OF_NEW_PODS);
  });

  test('a node switches to another transport when it moves to its own group, and no line is lost', async () => {
    const { name } = nodes.at(-1) ?? { name: '' };
    const wired = `name: 'wired', nodeSelector: { '${SITE}': 'wired' }, transport: 'pushgateway'`;
    project.edit(NAME, 'groups: [', `groups: [{ ${wired}, fleet: { nodes: 1 } }, `);
    await apply();
    await kubectl(['label', 'node', name, `${SITE}=wired`, '--overwrite']);
    const query = `push_time_seconds{node="${name}",group="wired",job="node_exporter"}`;
    await eventually(query, async () => (await stores.series(query)).length === 1, SLOW);
    await nothingIsLost(SCRAPES_OF_NEW_PODS);
  });

  testWith('set E2E_NEW_METRICS_HOST and E2E_NEW_LOGS_HOST', NEW_HOSTS.metrics && NEW_HOSTS.logs)(
    'both host names change, while the old ones are served by copies, and no line is lost',
    async () => {
      await serveByCopies();
      for (const host of ['metrics', 'logs'] as const) {
        project.edit(NAME, `${host}: '${HOSTS[host]}'`, `${host}: '${NEW_HOSTS[host]}'`);
      }
      await certify(project, NEW_HOSTS);
      await apply();
      expect(await rollout('--timeout', '5m')).toMatchObject({ code: 0 });
      await nothingIsLost(SCRAPES_OF_NEW_PODS);
    },
  );

  test('uninstalling and deleting the namespaces leave nothing', async () => {
    await onEnvironment('prune', '--uninstall', '--apply');
    await cleanUp();
    const left = (await list('namespaces')).map(({ metadata }) => metadata.name);
    expect(left.filter((name) => OURS.includes(name))).toEqual([]);
    for (const kind of ['clusterroles', 'clusterrolebindings', 'priorityclasses']) {
      expect(await list(kind, '--selector', 'app.kubernetes.io/part-of=edge-observability')).toEqual([]);
    }
  });
});

const COLLECTOR = 'app.kubernetes.io/name=edge-log-collector';

/**
 * Waits until all data has been sent, and compares the stored data to the data that each node measured, pushed and
 * logged since the start.
 * @param mostScrapes maximum number of missing scrapes
 */
async function nothingIsLost(mostScrapes = 0): Promise<void> {
  for (const { name } of nodes) {
    const arrived = async () => {
      const seconds = sinceBegin();
      const samples = await stores.scrapes(name, seconds, INTERVAL);
      const lines = await stores.counted(name, seconds);
      const pushes = await Promise.all(
        Object.keys(SERVICES).map((service) => stores.pushed(name, service, seconds)),
      );
      const said = { scrapes: [samples], lines: [lines], pushes };
      console.info(
        `${name}: ${Object.entries(said).flatMap(([what, all]) => all.map(({ count, lost }) => `${count} ${what}, ${lost} lost`))}`,
      );
      const isWhole = ({ count, lost }: Arrived) => count > 0 && lost === 0;
      return samples.count > 0 && samples.lost <= mostScrapes && [lines, ...pushes].every(isWhole);
    };
    await eventually(`all of ${name}`, arrived, { seconds: 240, pauseMs: 10_000 });
  }
}

async function logsOf(container: string): Promise<string> {
  const args = ['logs', ...EDGE, '--selector', COLLECTOR, '--container', container];
  return (await tryKubectl([...args, '--prefix', '--max-log-requests', '50'])).stdout;
}

const podNames = async () => (await list('pods', ...EDGE)).map(({ metadata }) => metadata.name).sort();

const guardLogs = async (since: string) =>
  (
    await Promise.all(
      ['push-guard', 'logs-guard'].map((name) =>
        kubectl([
          ...['logs', '--namespace', 'monitoring', '--tail=-1', `--since=${since}`],
          ...['--selector', `app.kubernetes.io/name=${name}`],
        ]),
      ),
    )
  ).join('');

/** Returns the users whose pushes are in a log, sorted and separated by commas. */
const usersIn = (log: string): string =>
  [...new Set([...log.matchAll(/\b(edge(?:-\d+)?) \[/g)].map(([, user]) => user))].sort().join();

function imageOf(pod: Awaited<ReturnType<typeof list>>[number] | undefined, container: string): string {
  const { initContainers = [], containers = [] } = pod?.spec ?? {};
  return [...initContainers, ...containers].find(({ name }: { name: string }) => name === container)?.image;
}

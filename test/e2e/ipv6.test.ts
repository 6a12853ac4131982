import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Alertmanager,
  BasicAuthIngress,
  fromRemoteWrite,
  LogCollector,
  LokiStack,
  Pushgateway,
  replicated,
} from '../../lib';
import { EdgeMetricsAgent } from '../../lib/edge/metrics-agent/edge-metrics-agent';
import { Cleanup } from '../runtime/cleanup';
import { startRecordedProgram } from '../runtime/heard-program';
import { connect, NetNamespace } from '../runtime/net-namespace';
import { PROGRAMS_DIR, program, tryRun } from '../runtime/programs';
import { writeShippedScript } from '../runtime/scripts';
import { eventually } from '../runtime/wait';
import { stream } from '../stacks/loki-client';
import { configFile, findOnly, type Manifest, podOf } from '../support/manifests';
import { synthesizeChart } from '../support/synthesize';

const ADDRESSES = ['fd00::1', 'fd00::2'] as const;
const platform = { nodeCidrs: ['2001:db8:1::/48'] };
const cleanup = new Cleanup();
/** Processes of one test, which are stopped because the next one may need their ports. */
const programs = new Cleanup();
const namespaces: NetNamespace[] = [];
let folder: string;

/** Two machines and a cable, without any address of IPv4 but loopback's. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), `e2e-${process.pid}-ipv6-`));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  const made = ADDRESSES.map((_, index) => NetNamespace.create(`e2e-${process.pid}-six${index}`, cleanup));
  namespaces.push(...made);
  const [one, other] = made as [NetNamespace, NetNamespace];
  connect({ namespace: one, device: 'eth0' }, { namespace: other, device: 'eth0' }, 1_500);
  made.forEach((namespace, index) => {
    namespace.ip('address', 'add', `${ADDRESSES[index]}/64`, 'dev', 'eth0', 'nodad');
  });
});

afterEach(() => programs.run());

afterAll(() => cleanup.run());

/** Runs a program on one of the machines until the end of the test, and returns its output. */
function start(
  machine: number,
  [name = '', ...args]: readonly string[],
  env: Record<string, string> = {},
): string[] {
  const { entry } = namespaces[machine] as NetNamespace;
  return startRecordedProgram(['nsenter', ...entry, program(name), ...args], programs, env).said;
}

async function ask(url: string, ...args: string[]): Promise<string> {
  const { entry } = namespaces[0] as NetNamespace;
  const curl = ['curl', '--silent', '--show-error', '--globoff', '--max-time', '10', ...args, url];
  const { stdout, stderr } = await tryRun('nsenter', [...entry, ...curl]);
  return stdout || stderr;
}

/** A file of the test's own folder, which programs of any user may read. */
function written(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

const ofPod = (objects: readonly Manifest[], kind: string, name: string) =>
  podOf(findOnly(objects, kind, name)).containers[0];

const testWithLoki = process.env.E2E_LOKI
  ? test
  : (name: string, _run: () => Promise<void>, _timeout: number) =>
      test.todo(`${name}: NOT RUN, set E2E_LOKI`);

testWithLoki(
  'replicas of Loki find each other, and show what one of them took',
  async () => {
    const objectStorage = { bucket: 'logs', endpoint: `http://[${ADDRESSES[0]}]:9000` };
    const objects = synthesizeChart(
      (chart) => new LokiStack(chart, 'l', { deployment: replicated({ objectStorage }) }),
      {
        platform,
      },
    );
    start(0, ['node', '-e', readFileSync(join(__dirname, 'fixtures', 'object-store.js'), 'utf8')]);
    const config = configFile(objects, 'loki-config', 'loki.yaml')
      .replace(/loki-members\.\S*:7946/, `"[${ADDRESSES[0]}]:7946"`)
      .replaceAll('/etc/loki/rules', `${folder}/rules`);
    mkdirSync(join(folder, 'rules'));
    const { args, env } = ofPod(objects, 'StatefulSet', 'loki');
    expect(env.map(({ name }: Manifest) => name)).toContain('POD_IP');
    const said = ADDRESSES.map((address, machine) => {
      const file = written(`loki-${machine}.yaml`, config.replaceAll('/loki', `${folder}/loki-${machine}`));
      const own = args.map((arg: string) => (arg.startsWith('-config.file') ? `-config.file=${file}` : arg));
      const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
      // Replicas are distinguished by their pod names.
      const named = ['unshare', '--uts', 'sh', '-c', 'hostname "$0"; exec "$@"', `loki-${machine}`];
      return start(machine, [...named, program('E2E_LOKI'), ...own], { POD_IP: address, ...credentials });
    });
    const now = stream({ node: 'six' }, 'hello');
    const push = ['--header', 'Content-Type: application/json', '--data', JSON.stringify({ streams: [now] })];
    const status = ['--output', '/dev/null', '--write-out', '%{http_code}'];
    await eventually(
      'a push is stored by two of them',
      async () => (await ask(`http://[${ADDRESSES[0]}]:3100/loki/api/v1/push`, ...status, ...push)) === '204',
    ).catch((failure) => {
      throw new Error(
        `${failure}; ${said
          .flat()
          .join('')
          .split('\n')
          .filter((line) => /memberlist|level=(warn|error)/.test(line))
          .slice(-30)
          .join('\n')}`,
      );
    });
    await eventually('the other one shows it', async () =>
      (
        await ask(`http://[${ADDRESSES[1]}]:3100/loki/api/v1/query_range?query=%7Bnode%3D%22six%22%7D`)
      ).includes('hello 0'),
    );
    const ring = await ask(`http://[${ADDRESSES[0]}]:3100/ring`);
    for (const address of ADDRESSES) expect(ring).toContain(`[${address}]:9095`);
  },
  120_000,
);

const testWithFluentBit = process.env.E2E_FLUENT_BIT
  ? test
  : (name: string, _run: () => Promise<void>) => test.todo(`${name}: NOT RUN, set E2E_FLUENT_BIT`);

testWithFluentBit('Fluent Bit of cloud nodes listens, and finds Loki by its name', async () => {
  const objects = synthesizeChart(
    (chart) => new LogCollector(chart, 'c', { loki: new LokiStack(chart, 'l') }),
    {
      platform,
    },
  );
  const line = '2026-01-01T00:00:00.000000000Z stdout F hello\n';
  const log = written('pods/shop_pod-0_1c2d/main/0.log', line.replace(/^\S+/, new Date().toISOString()));
  const { data } = findOnly(objects, 'ConfigMap', 'log-collector-config');
  const files = Object.entries(data).map(([name, text]) => {
    const own = `${text}`
      .replaceAll('/var/log/pods', join(folder, 'pods'))
      .replaceAll(/\/etc\/log-agent\/config|\/var\/lib\/log-agent/g, join(folder, 'collector'));
    return written(`collector/${name}`, own);
  });
  const config = files.find((file) => file.endsWith('.yaml')) ?? '';
  const [, host = ''] = /host: (\S+)/.exec(readFileSync(config, 'utf8')) ?? [];
  const names = written('hosts', `${ADDRESSES[1]} ${host}\n`);
  const sink = `require('http').createServer((q,r)=>{console.log(q.url);r.writeHead(204);r.end()}).listen(3100,'::')`;
  const asked = start(1, ['node', '-e', sink]);
  const withNames = ['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"', names];
  const said = start(0, [...withNames, program('E2E_FLUENT_BIT'), `--config=${config}`], {
    NODE_NAME: 'six',
  });
  await eventually(
    () => `lines of ${log} arrive: ${said.join('').slice(-1500)}`,
    async () => asked.join('').includes('/loki/api/v1/push'),
  );
  expect(await ask(`http://[${ADDRESSES[0]}]:12345/api/v1/uptime`)).toContain('uptime_sec');
});

test('nginx of the guard, and the programs before Pushgateway, listen', async () => {
  const objects = synthesizeChart(
    (chart) => {
      const site = { name: 'push', host: 'push.example.com', tls: { secretName: 'push-tls' } };
      new Pushgateway(chart, 'p', { ingress: new BasicAuthIngress(chart, 'i', site) });
    },
    { platform },
  );
  const config = configFile(objects, 'push-guard-config', 'nginx.conf')
    .replaceAll('/tmp/', `${folder}/`)
    .replace('pushgateway.monitoring.svc:9091', `[${ADDRESSES[1]}]:9091`);
  start(0, [
    'nginx',
    '-c',
    written('nginx.conf', config),
    '-g',
    'daemon off; master_process off; user root;',
  ]);
  await eventually('nginx answers', async () =>
    (await ask(`http://[${ADDRESSES[0]}]:8080/-/guard`, '--write-out', '%{http_code}')).includes('200'),
  );
});

test('the label instance of the form address has brackets, by a sidecar and by an agent', async () => {
  start(0, ['prometheus-pushgateway', '--web.listen-address=:9091']);
  const source = `const s='up_of_the_test 1\\n';require('http').createServer((q,r)=>r.end(s)).listen(9100,'127.0.0.1')`;
  start(0, ['node', '-e', source]);
  const credentials = join(folder, 'credentials');
  written('credentials/username', 'edge');
  written('credentials/password', 'x');
  const env = {
    ...{
      PUSH_URL: 'http://127.0.0.1:9091',
      SOURCE_URL: 'http://127.0.0.1:9100/',
      JOB: 'six',
      NODE_NAME: 'edge-1',
    },
    ...{ INSTANCE: `${ADDRESSES[0]}:9100`, INTERVAL_SECONDS: '1', SCRATCH_DIR: folder },
    CREDENTIALS_DIR: credentials,
  };
  const script = writeShippedScript(join(folder, 'push.sh'), 'edge/exporter/push-sidecar.sh');
  start(0, ['busybox', 'ash', script], env);
  const label = `[${ADDRESSES[0]}]:9100`;
  await eventually('the sidecar has pushed', async () =>
    (await ask('http://[::1]:9091/metrics')).includes(`instance="${label}"`),
  );

  const objects = synthesizeChart(
    (chart) => {
      const sink = fromRemoteWrite({ host: 'push.example.com', credentialsSecretName: 'push-credentials' });
      const agent = new EdgeMetricsAgent(chart, 'a', { sink });
      agent.scrape({ job: 'six', port: 9100, metricsPath: '/', instance: 'address' });
    },
    { platform },
  );
  const config = written(
    'scrape.yaml',
    configFile(objects, 'edge-metrics-agent-config', 'scrape.yaml').replace(
      '/var/lib/metrics-agent/active',
      `${folder}/active`,
    ),
  );
  written('active/jobs.yaml', configFile(objects, 'edge-metrics-agent-config', 'jobs.yaml'));
  const args = ofPod(objects, 'DaemonSet', 'edge-metrics-agent').args as string[];
  expect(args).toContain('-enableTCP6=true');
  const flags = [`-promscrape.config=${config}`, '-enableTCP6=true', '-httpListenAddr=[::1]:8429'];
  const queue = `-remoteWrite.tmpDataPath=${join(folder, 'queue')}`;
  start(0, ['vmagent', ...flags, queue, '-remoteWrite.url=http://[::1]:1/'], {
    NODE_NAME: 'edge-1',
    NODE_IP: ADDRESSES[0],
  });
  await eventually('the agent reads it', async () =>
    (await ask('http://[::1]:8429/api/v1/targets')).includes(`"instance":"${label}"`),
  );
});

test('replicas of Alertmanager find each other, and listen', async () => {
  const objects = synthesizeChart((chart) => new Alertmanager(chart, 'x', { replicas: 2 }), {
    platform,
  });
  const { args = [] } = podOf(findOnly(objects, 'StatefulSet')).containers[0] ?? {};
  const config = join(folder, 'alertmanager.yml');
  writeFileSync(config, 'route: { receiver: none }\nreceivers: [{ name: none }]\n');
  const said: string[][] = [];
  for (const [machine, address] of ADDRESSES.entries()) {
    const own = (args as string[])
      .filter((arg) => /^--(cluster|web\.listen)/.test(arg))
      .map((arg) => arg.replace('$(POD_IP)', address))
      // Names of pods, which no DNS knows here.
      .map((arg) =>
        arg.replace(
          /(--cluster\.peer=)[^:]*-(\d)\.[^:]*:/,
          (_, flag, index) => `${flag}[${ADDRESSES[index]}]:`,
        ),
      );
    said.push(
      start(machine, [
        ...['unshare', '--mount', 'sh', '-c', 'mount --bind "$0" /usr/share && exec "$@"'],
        // Debian's build reads templates of this folder.
        ...[`${PROGRAMS_DIR}/usr/share`, program('prometheus-alertmanager')],
        ...own,
        ...[`--config.file=${config}`, `--storage.path=${join(folder, `alertmanager-${machine}`)}`],
      ]),
    );
  }
  await eventually(
    () => `both are of one mesh: ${said.flat().join('').slice(-1500)}`,
    async () => {
      const answer = await ask(`http://[${ADDRESSES[1]}]:9093/api/v2/status`).catch(() => '');
      return answer.includes(`[${ADDRESSES[0]}]:`) && answer.includes(`[${ADDRESSES[1]}]:`);
    },
  );
});

/**
 * Measures the cost of authentication in the guard. The guard checks a password at each push, because HTTP has no
 * sessions. It checks a certificate at each new connection, if it terminates TLS, and calls the node admission program
 * at each push. The benchmark measures the CPU time of one guard's nginx for each kind of hash, with and without a rate
 * limit, relative to a guard that checks no users. It also measures a guard that terminates TLS, with passwords and
 * with certificates, on kept connections and with a new one for each push, as sidecars do: there, many nodes push, each
 * less often than the guard caches a response, so the CPU time of the program counts. The kinds alternate in one run,
 * so that a varying speed of the machine affects all of them equally.
 *
 *   npm run bench:authentication [-- --check]
 *
 * --check: one round of a tenth of the pushes; exit code 1 if a push is not accepted, independent of times. Needs the
 * programs of the end-to-end tests.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { genSaltSync, hashSync } from 'bcryptjs';
import {
  BasicAuthIngress,
  basicAuth,
  type IngressController,
  ingressNginx,
  NodeAdmission,
  nodeCertificate,
  Pushgateway,
  proxy,
  type RateLimit,
  traefik,
} from '../lib';
import { createHtpasswdLine } from '../lib/tools/credentials/htpasswd';
import { Cluster } from '../test/runtime/cluster';
import type { Node } from '../test/runtime/node';
import { NodeAuthority } from '../test/runtime/node-authority';
import type { Pod } from '../test/runtime/pod';
import { program, tryRun } from '../test/runtime/programs';
import { secret } from '../test/runtime/secrets';
import { WatchedApi } from '../test/runtime/watched-api';
import { synthesizeChart } from '../test/support/synthesize';
import { parseArguments, runOnPods, spread, Table } from './support/main';
import { NodesClient } from './support/nodes-client';

const NODES = 500;
const INTERVAL_SECONDS = 10;
const PUSHES_PER_SECOND = NODES / INTERVAL_SECONDS;

const NAMESPACE = 'monitoring';
const PASSWORD = 'correct-horse-battery-staple';

/** About 10 kB, which is the compressed size of a push of the reference node. */
const BODY = Array.from({ length: 400 }, (_, index) => `measured{index="${index}"} 1\n`).join('');

/** Longer than the guard caches a response of the program. */
const FORGOTTEN_MS = 6_000;

/** Timeout of all pushes of one kind in a round, so that a hanging guard does not block the benchmark. */
const TIME_LIMIT_SECONDS = 300;

interface Site {
  readonly controller: IngressController;
  /** @default - none */
  readonly rateLimit?: RateLimit;
  /** Whether nodes show certificates. @default false */
  readonly certificates?: boolean;
}

/** A limit that no push here reaches: it costs the second server of the guard, which counts verified users. */
const rateLimit = { requestsPerSecond: 100_000 };

/** Sites that differ in who checks the users: the guard, or its controller, which does not exist here. */
const SITES: Readonly<Record<string, Site>> = {
  checked: { controller: proxy({ namespace: 'ingress-nginx' }) },
  limited: { controller: proxy({ namespace: 'ingress-nginx' }), rateLimit },
  unchecked: { controller: ingressNginx() },
  named: { controller: traefik() },
  passing: { controller: proxy({ namespace: 'ingress-nginx', tlsPassthrough: true }) },
  certified: {
    controller: proxy({ namespace: 'ingress-nginx', tlsPassthrough: true }),
    certificates: true,
  },
};

/** Sites whose guards check passwords. */
const CHECKING = ['checked', 'limited', 'passing'];

/** Sites whose guards terminate TLS. */
const ENDING_TLS = ['passing', 'certified'];

/** Kinds of clients, and the site of the guard to which they push. */
interface Kind {
  readonly name: string;
  readonly site: string;
  /** The htpasswd file has one user per kind of hash. @default - no users */
  readonly user?: string;
  readonly header?: string;
  /** Whether each push opens its own connection, as those of a sidecar do; with TLS only. @default false */
  readonly connects?: boolean;
  /** Pushes per round: many of the fast kinds, few of the slow ones. */
  readonly pushes: number;
}

/** Nodes that push through TLS. */
const TLS_NODES = 200;

const KINDS: readonly Kind[] = [
  { name: 'no check', site: 'unchecked', pushes: 500 },
  // Costs that do not depend on the hash: a guard that knows its users logs each push.
  { name: 'no check, log of users', site: 'named', header: 'X-Auth-User: edge', pushes: 500 },
  { name: 'SHA-1', site: 'checked', user: 'sha1', pushes: 500 },
  { name: 'SHA-1, rate limit', site: 'limited', user: 'sha1', pushes: 500 },
  { name: 'bcrypt, cost 5', site: 'checked', user: 'bcrypt-5', pushes: 500 },
  { name: 'bcrypt, cost 5, rate limit', site: 'limited', user: 'bcrypt-5', pushes: 500 },
  { name: 'bcrypt, cost 10', site: 'checked', user: 'bcrypt-10', pushes: 40 },
  // Each node pushes once: those of the last two kinds on the connections of the two before.
  { name: 'new TLS, bcrypt, cost 5', site: 'passing', connects: true, pushes: TLS_NODES },
  { name: 'new TLS, certificate', site: 'certified', connects: true, pushes: TLS_NODES },
  { name: 'TLS, bcrypt, cost 5', site: 'passing', pushes: TLS_NODES },
  { name: 'TLS, certificate', site: 'certified', pushes: TLS_NODES },
];

/** A certificate, and the password that it replaces. */
const PAIRS = [
  ['TLS, certificate', 'TLS, bcrypt, cost 5'],
  ['new TLS, certificate', 'new TLS, bcrypt, cost 5'],
] as const;

/** Sources and destinations of pushes: guards by site, and nodes by the site whose guard terminates their TLS. */
interface Bench {
  readonly cluster: Cluster;
  /** Runs beside the guards, which reach it by the names of their hosts. */
  readonly node: Node;
  readonly guards: ReadonlyMap<string, Pod>;
  readonly admissions: readonly Pod[];
  readonly clients: ReadonlyMap<string, NodesClient>;
}

/** CPU time of one push in milliseconds, in the order of the kinds. */
type Round = readonly number[];

const options = parseArguments({ check: { type: 'boolean', default: false } });

const rounds = options.check ? 1 : 9;

/** Pushes per round and kind. */
const kinds = KINDS.map((kind) => ({ ...kind, pushes: options.check ? kind.pushes / 10 : kind.pushes }));

const nodeNames = Array.from(
  { length: options.check ? TLS_NODES / 10 : TLS_NODES },
  (_, i) => `edge-${i + 1}`,
);

function synthesizeSites(ca: string) {
  return synthesizeChart((chart) => {
    for (const [name, { certificates, ...site }] of Object.entries(SITES)) {
      const tls = { secretName: `${name}-tls` };
      const host = `${name}.example.com`;
      const authentication = certificates ? nodeCertificate({ ca }) : basicAuth();
      const nodeAdmission = certificates && new NodeAdmission(chart, 'admission');
      const options = { name, host, tls, authentication, ...(nodeAdmission && { nodeAdmission }), ...site };
      const ingress = new BasicAuthIngress(chart, name, options);
      // Requests of nodes, not of services, which use passwords at every host.
      const consistencyCheck = !ENDING_TLS.includes(name);
      new Pushgateway(chart, `${name}-pushgateway`, {
        name: `${name}-pushgateway`,
        ingress,
        consistencyCheck,
      });
    }
  });
}

function htpasswdOfUsers(): string {
  const lines = [
    createHtpasswdLine({ user: 'sha1', password: PASSWORD }, 'sha1').text,
    createHtpasswdLine({ user: 'bcrypt-5', password: PASSWORD }, 'bcrypt').text,
    `bcrypt-10:${hashSync(PASSWORD, genSaltSync(10)).replace('$2b$', '$2y$')}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The guard of each site that receives the pushes; its other replica is idle. */
async function startGuards(cluster: Cluster): Promise<Map<string, Pod>> {
  const guards = new Map<string, Pod>();
  for (const site of Object.keys(SITES)) {
    await cluster.start('StatefulSet', NAMESPACE, `${site}-pushgateway`);
    const [guard] = await cluster.start('Deployment', NAMESPACE, `${site}-guard`);
    if (guard) guards.set(site, guard);
  }
  return guards;
}

/**
 * CPU time (user and system) in milliseconds of a guard's nginx, its master and its worker, or of the program of a pod.
 */
function cpuTime({ name, containers }: Pod): number {
  const processes = containers.map(({ memory }) => readFileSync(memory.processes, 'utf8')).join('\n');
  const pids = (processes.match(/\d+/g) ?? []).filter((pid) =>
    /^(nginx|node|node-MainThread|MainThread)$/.test(processName(pid)),
  );
  if (!pids.length) throw new Error(`neither nginx nor a program runs in ${name}`);
  return pids.map(readNanoseconds).reduce((sum, one) => sum + one) / 1e6;
}

const processName = (pid: string): string => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

/** `stat` has the same time in hundredths of a second, during which there are dozens of pushes. */
const readNanoseconds = (pid: string): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);

/**
 * Pushes sequentially on one connection: a controller keeps its connections to a guard, and of 50 pushes per second few
 * arrive at the same time.
 * @throws Error when one is not taken.
 */
async function pushOnce({ cluster, node }: Bench, guard: Pod, kind: Kind): Promise<void> {
  const { name, site, user, header, pushes } = kind;
  const host = `${site}.example.com`;
  const curl = [
    ...[program('timeout'), `${TIME_LIMIT_SECONDS}`, program('curl'), '--silent', '--show-error'],
    ...[
      '--fail',
      '--fail-early',
      '--max-time',
      '10',
      '--output',
      '/dev/null',
      '--write-out',
      '%{http_code}\n',
    ],
    ...(user ? ['--user', `${user}:${PASSWORD}`] : []),
    ...(header ? ['--header', header] : []),
    ...['--connect-to', `${host}::${guard.address}:`, '--cacert', cluster.authority.file],
    ...['--request', 'PUT', '--data-binary', '@-'],
    `http://${host}:8080/metrics/job/bench/instance/${node.name}/hostname/${node.name}?[1-${pushes}]`,
  ];
  const { code, stdout, stderr } = await tryRun('nsenter', [...node.namespace.entry, ...curl], {
    input: BODY,
  });
  const taken = stdout.match(/^2\d\d$/gm)?.length ?? 0;
  if (code === 0 && taken === pushes) return;
  throw new Error(
    `${name}: ${taken} of ${pushes} pushes were taken; curl ended with ${code}: ${stderr.trim()}`,
  );
}

async function measureKind(bench: Bench, kind: Kind): Promise<number> {
  const { guards, admissions, clients } = bench;
  const { site, connects, pushes } = kind;
  const guard = guards.get(site);
  if (!guard) throw new Error(`no guard of ${site} was started`);
  const client = clients.get(site);
  if (client && !connects) await sleep(FORGOTTEN_MS);
  const pods = SITES[site]?.certificates ? [guard, ...admissions] : [guard];
  const usedCpuTime = () => pods.map(cpuTime).reduce((sum, one) => sum + one);
  const before = usedCpuTime();
  if (client) await client.run(connects ? 'connect' : 'push');
  else await pushOnce(bench, guard, kind);
  return (usedCpuTime() - before) / pushes;
}

/** Adds the pushing nodes to the API server, and returns the replicas of the node admission program. */
async function startAdmission(cluster: Cluster, names: readonly string[]): Promise<Pod[]> {
  const api = new WatchedApi(cluster);
  for (const name of names) api.put({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
  await api.start();
  return cluster.start('Deployment', NAMESPACE, 'cloud-node-admission');
}

function startClients(cluster: Cluster, from: Node, authority: NodeAuthority, guards: Bench['guards']) {
  const nodes = nodeNames.map((name) => ({
    name,
    ...authority.issue(`/O=system:nodes/CN=system:node:${name}`),
  }));
  const clients = new Map<string, NodesClient>();
  for (const site of ENDING_TLS) {
    const address = guards.get(site)?.address ?? '';
    const shared = { cluster, from, host: `${site}.example.com`, address, port: 8443, body: BODY };
    const credentials = { username: 'bcrypt-5', password: PASSWORD };
    const byPassword = { nodes: nodeNames.map((name) => ({ name })), credentials };
    const login = SITES[site]?.certificates ? { nodes } : byPassword;
    clients.set(site, new NodesClient({ ...shared, ...login }));
  }
  return clients;
}

async function measureAll(): Promise<Round[]> {
  const cluster = new Cluster();
  try {
    cluster.addNode({ name: 'cloud-1' });
    const node = cluster.addNode({ name: 'edge-1' });
    const authority = new NodeAuthority(join(cluster.folder, 'node-authority'));
    const secrets = [
      ...CHECKING.map((site) => secret(NAMESPACE, `${site}-users`, { auth: htpasswdOfUsers() })),
      ...ENDING_TLS.map((site) =>
        secret(NAMESPACE, `${site}-tls`, { ...cluster.authority.issue(`${site}.example.com`) }),
      ),
    ];
    cluster.apply(...synthesizeSites(authority.certificate), ...secrets);
    const guards = await startGuards(cluster);
    const admissions = await startAdmission(cluster, nodeNames);
    const clients = startClients(cluster, node, authority, guards);
    const bench = { cluster, node, guards, admissions, clients };
    const all: Round[] = [];
    for (let count = 0; count <= rounds; count++) {
      const round: number[] = [];
      for (const kind of kinds) round.push(await measureKind(bench, kind));
      all.push(round);
    }
    // During the first pushes, nginx allocates its memory and connects to its upstreams.
    return all.slice(1);
  } finally {
    await cluster.destroy();
  }
}

function printRounds(all: readonly Round[]): void {
  console.log(`${all.length} rounds, median (least to most); one nginx, bodies of ${BODY.length} bytes`);
  const table = new Table([
    ['', 28],
    ['CPU ms a push', 24],
    ['ratio to no check', 24],
    [`millicores at ${NODES} nodes, each ${INTERVAL_SECONDS} s`, 24],
  ]);
  for (const [index, { name }] of KINDS.entries()) {
    const costs = all.map((round) => round[index] ?? Number.NaN);
    // Relative to the same round, because the speed of the machine varies.
    const ratios = all.map((round, number) => (costs[number] ?? Number.NaN) / (round[0] ?? Number.NaN));
    const millicores = costs.map((cost) => cost * PUSHES_PER_SECOND);
    table.addRow(name, spread(costs, 3), spread(ratios, 1), spread(millicores, 0));
  }
  for (const [certificate, password] of PAIRS) {
    const ratios = all.map((round) => costOf(round, certificate) / costOf(round, password));
    console.log(`${certificate}, to ${password}: ${spread(ratios, 2)}`);
  }
}

const costOf = (round: Round, name: string): number =>
  round[KINDS.findIndex((kind) => kind.name === name)] ?? Number.NaN;

async function runAuthenticationBench(): Promise<void> {
  printRounds(await measureAll());
}

void runOnPods(runAuthenticationBench);

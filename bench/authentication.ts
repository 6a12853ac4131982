/**
 * Measures the cost of authentication in the guard. The guard checks a password at each push, because HTTP has no
 * sessions. It checks a certificate at each new connection, if it terminates TLS, and calls the node admission program
 * at each push. The benchmark measures the CPU time of one guard's nginx for each kind of hash, with and without a rate
 * limit, relative to a guard that checks no users. It also measures a guard that terminates TLS, with passwords and
 * with certificates, on kept connections and with a new connection for each push, as sidecars push. In these cases many
 * nodes push. Each node pushes so rarely that the guard no longer caches the response of the node admission program, so
 * the CPU time of that program counts. The cases alternate in one run, so that a varying speed of the machine affects
 * all of them equally.
 *
 *   npm run bench:authentication [-- --check]
 *
 * --check: runs one round with a tenth of the pushes. The exit code is 1 if a push is not accepted; it does not depend
 * on times. The benchmark needs the programs of the end-to-end tests.
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
import { formatMedianAndRange, parseArguments, runBenchWithPods, Table } from './support/main';
import { NodesClient } from './support/nodes-client';

const NODES = 500;
const INTERVAL_SECONDS = 10;
const PUSHES_PER_SECOND = NODES / INTERVAL_SECONDS;

const NAMESPACE = 'monitoring';
const PASSWORD = 'correct-horse-battery-staple';

/** Body of a push: about 10 kB, which is the compressed size of a push of the reference node. */
const BODY = Array.from({ length: 400 }, (_, index) => `measured{index="${index}"} 1\n`).join('');

/** Pause in milliseconds after which the guard no longer caches a response of the node admission program. */
const CACHE_EXPIRY_MS = 6_000;

/** Timeout in seconds of all pushes of one kind in a round, so that a hanging guard does not block the benchmark. */
const TIME_LIMIT_SECONDS = 300;

interface Site {
  readonly controller: IngressController;
  /** Rate limit of the guard. @default - no rate limit */
  readonly rateLimit?: RateLimit;
  /** Whether nodes authenticate with certificates. @default false */
  readonly certificates?: boolean;
}

/**
 * A rate limit that no push of this benchmark reaches. The guard needs a second server to count verified users, and the
 * benchmark measures the cost of this server.
 */
const rateLimit = { requestsPerSecond: 100_000 };

/**
 * Environments that differ in who checks the users: the guard, or the ingress controller. No ingress controller runs
 * here.
 */
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
const PASSWORD_SITES = ['checked', 'limited', 'passing'];

/** Sites whose guards terminate TLS. */
const TLS_SITES = ['passing', 'certified'];

/** A kind of client, and the site of the guard to which it pushes. */
interface Kind {
  readonly name: string;
  readonly site: string;
  /** User in the htpasswd file, which has one user per kind of hash. @default - pushes have no user */
  readonly user?: string;
  readonly header?: string;
  /**
   * Whether each push opens a new TLS connection, as each push of a sidecar does. Only for sites whose guards terminate
   * TLS.
   * @default false
   */
  readonly connects?: boolean;
  /** Number of pushes per round: many for fast kinds, few for slow kinds. */
  readonly pushes: number;
}

/** Number of nodes that push through TLS. */
const TLS_NODES = 200;

const KINDS: readonly Kind[] = [
  { name: 'no check', site: 'unchecked', pushes: 500 },
  // A guard that knows its users logs each push. This cost does not depend on the hash.
  { name: 'no check, users logged', site: 'named', header: 'X-Auth-User: edge', pushes: 500 },
  { name: 'SHA-1', site: 'checked', user: 'sha1', pushes: 500 },
  { name: 'SHA-1, rate limit', site: 'limited', user: 'sha1', pushes: 500 },
  { name: 'bcrypt, cost 5', site: 'checked', user: 'bcrypt-5', pushes: 500 },
  { name: 'bcrypt, cost 5, rate limit', site: 'limited', user: 'bcrypt-5', pushes: 500 },
  { name: 'bcrypt, cost 10', site: 'checked', user: 'bcrypt-10', pushes: 40 },
  // In these four kinds, each node pushes once per round. The last two kinds use the connections that the two kinds
  // before them opened.
  { name: 'new TLS, bcrypt, cost 5', site: 'passing', connects: true, pushes: TLS_NODES },
  { name: 'new TLS, certificate', site: 'certified', connects: true, pushes: TLS_NODES },
  { name: 'TLS, bcrypt, cost 5', site: 'passing', pushes: TLS_NODES },
  { name: 'TLS, certificate', site: 'certified', pushes: TLS_NODES },
];

/** Kinds that only differ in the login: the kind with a certificate, and the kind with a password. */
const LOGIN_PAIRS = [
  ['TLS, certificate', 'TLS, bcrypt, cost 5'],
  ['new TLS, certificate', 'new TLS, bcrypt, cost 5'],
] as const;

/** Sources and destinations of pushes. The maps have the names of sites as their keys. */
interface Bench {
  readonly cluster: Cluster;
  /** The node from which curl pushes to guards without TLS. */
  readonly node: Node;
  readonly guards: ReadonlyMap<string, Pod>;
  readonly admissions: readonly Pod[];
  readonly clients: ReadonlyMap<string, NodesClient>;
}

/** CPU milliseconds of one push for each kind, in the order of `KINDS`. */
type Round = readonly number[];

const options = parseArguments({ check: { type: 'boolean', default: false } });

const rounds = options.check ? 1 : 9;

/** The kinds with their number of pushes per round, which is a tenth with --check. */
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
      // The check only accepts pushes with passwords at every host. The nodes of these sites use TLS and some use
      // certificates.
      const consistencyCheck = !TLS_SITES.includes(name);
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

/** Starts the guards, and returns by site the replica that receives the pushes. The other replica is idle. */
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
 * Returns the CPU time (user and system) in milliseconds of the nginx or Node.js processes of a pod.
 * @throws Error if the pod runs neither.
 */
function cpuMilliseconds({ name, containers }: Pod): number {
  const processes = containers.map(({ memory }) => readFileSync(memory.processes, 'utf8')).join('\n');
  const pids = (processes.match(/\d+/g) ?? []).filter((pid) =>
    /^(nginx|node|node-MainThread|MainThread)$/.test(processName(pid)),
  );
  if (!pids.length) throw new Error(`pod ${name} runs neither nginx nor Node.js`);
  return pids.map(readCpuNanoseconds).reduce((sum, one) => sum + one) / 1e6;
}

const processName = (pid: string): string => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

/**
 * Returns the CPU time of a process in nanoseconds. `/proc/PID/stat` only counts hundredths of a second, in which there
 * are dozens of pushes.
 */
const readCpuNanoseconds = (pid: string): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);

/**
 * Pushes sequentially on one connection, as a controller does: it keeps its connections to a guard, and of 50 pushes
 * per second few arrive at the same time.
 * @throws Error if a push is not accepted.
 */
async function pushSequentially({ cluster, node }: Bench, guard: Pod, kind: Kind): Promise<void> {
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
    `${name}: ${taken} of ${pushes} pushes were accepted; curl ended with ${code}: ${stderr.trim()}`,
  );
}

async function measureKind(bench: Bench, kind: Kind): Promise<number> {
  const { guards, admissions, clients } = bench;
  const { site, connects, pushes } = kind;
  const guard = guards.get(site);
  if (!guard) throw new Error(`no guard of the site "${site}" was started`);
  const client = clients.get(site);
  if (client && !connects) await sleep(CACHE_EXPIRY_MS);
  const pods = SITES[site]?.certificates ? [guard, ...admissions] : [guard];
  const sumCpuMilliseconds = () => pods.map(cpuMilliseconds).reduce((sum, one) => sum + one);
  const before = sumCpuMilliseconds();
  if (client) await client.pushFromAllNodes(connects ? 'connect' : 'push');
  else await pushSequentially(bench, guard, kind);
  return (sumCpuMilliseconds() - before) / pushes;
}

/**
 * Adds the pushing nodes to the API server, starts the node admission program, and returns the pods of this program.
 */
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
  for (const site of TLS_SITES) {
    const address = guards.get(site)?.address ?? '';
    const shared = { cluster, from, host: `${site}.example.com`, address, port: 8443, body: BODY };
    const credentials = { username: 'bcrypt-5', password: PASSWORD };
    const byPassword = { nodes: nodeNames.map((name) => ({ name })), credentials };
    const login = SITES[site]?.certificates ? { nodes } : byPassword;
    clients.set(site, new NodesClient({ ...shared, ...login }));
  }
  return clients;
}

async function measureRounds(): Promise<Round[]> {
  const cluster = new Cluster();
  try {
    cluster.addNode({ name: 'cloud-1' });
    const node = cluster.addNode({ name: 'edge-1' });
    const authority = new NodeAuthority(join(cluster.folder, 'node-authority'));
    const secrets = [
      ...PASSWORD_SITES.map((site) => secret(NAMESPACE, `${site}-users`, { auth: htpasswdOfUsers() })),
      ...TLS_SITES.map((site) =>
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
    // The first round is not counted: during the first pushes, nginx allocates its memory and connects to its
    // upstreams.
    return all.slice(1);
  } finally {
    await cluster.destroy();
  }
}

function printRounds(all: readonly Round[]): void {
  console.log(`${all.length} rounds, median (minimum to maximum); one nginx, bodies of ${BODY.length} bytes`);
  const table = new Table([
    ['', 28],
    ['CPU ms per push', 24],
    ['relative to no check', 24],
    [`millicores at ${NODES} nodes, a push per ${INTERVAL_SECONDS} s`, 24],
  ]);
  for (const [index, { name }] of KINDS.entries()) {
    const costs = all.map((round) => round[index] ?? Number.NaN);
    // Ratios are relative to the kind "no check" in the same round, because the speed of the machine varies.
    const ratios = all.map((round, number) => (costs[number] ?? Number.NaN) / (round[0] ?? Number.NaN));
    const millicores = costs.map((cost) => cost * PUSHES_PER_SECOND);
    table.addRow(
      name,
      formatMedianAndRange(costs, 3),
      formatMedianAndRange(ratios, 1),
      formatMedianAndRange(millicores, 0),
    );
  }
  for (const [certificate, password] of LOGIN_PAIRS) {
    const ratios = all.map((round) => costOfKind(round, certificate) / costOfKind(round, password));
    console.log(`${certificate}, relative to ${password}: ${formatMedianAndRange(ratios, 2)}`);
  }
}

const costOfKind = (round: Round, name: string): number =>
  round[KINDS.findIndex((kind) => kind.name === name)] ?? Number.NaN;

async function runAuthenticationBench(): Promise<void> {
  printRounds(await measureRounds());
}

void runBenchWithPods(runAuthenticationBench);

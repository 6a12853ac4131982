/**
 * What it costs the proxy of this stack to know who pushes. A password is checked by the guard at every push, since HTTP has
 * no sessions; a certificate at each new connection, where the guard ends TLS. The CPU time of one guard's nginx for each kind of
 * hash, with and without a rate limit, against a guard that checks no users; and of one that ends TLS, with passwords and with
 * certificates, on connections that live and with a new one for each push, as sidecars have it.
 * The kinds take turns in one run, so that a machine whose speed drifts is fair to all of them.
 *
 *   npm run bench:authentication [-- --check]
 *
 * --check: one round of a tenth of the pushes; exit code 1 when one is not taken, and never because of a time. Needs
 * what the end-to-end tests need.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { genSaltSync, hashSync } from 'bcryptjs';
import {
  BasicAuthIngress,
  basicAuth,
  type IngressController,
  ingressNginx,
  nodeCertificate,
  Pushgateway,
  proxy,
  type RateLimit,
  traefik,
} from '../lib';
import { htpasswdLine } from '../lib/tools/credentials/htpasswd';
import { Cluster } from '../test/runtime/cluster';
import type { Node } from '../test/runtime/node';
import { type ClientFiles, NodeAuthority } from '../test/runtime/node-authority';
import type { Pod } from '../test/runtime/pod';
import { program, tryRun } from '../test/runtime/programs';
import { secret } from '../test/runtime/secrets';
import { synthesizeChart } from '../test/support/synthesize';
import { parseArguments, runOnPods, spread, Table } from './support/main';

const NODES = 500;
const INTERVAL_SECONDS = 10;
const PUSHES_PER_SECOND = NODES / INTERVAL_SECONDS;

const NAMESPACE = 'monitoring';
const PASSWORD = 'correct-horse-battery-staple';

/** About 10 kB, as what the reference node pushes has when it is compressed. */
const BODY = Array.from({ length: 400 }, (_, index) => `measured{index="${index}"} 1\n`).join('');

/** Of all pushes of one kind in one round: a guard that hangs does not hold up the bench. */
const TIME_LIMIT_SECONDS = 300;

interface Site {
  readonly controller: IngressController;
  /** @default - none */
  readonly rateLimit?: RateLimit;
  /** Whether nodes show certificates. @default false */
  readonly certificates?: boolean;
}

/** A limit that no push here reaches: what it costs is the second server of the guard, which counts verified users. */
const rateLimit = { requestsPerSecond: 100_000 };

/** Sites that differ in who checks the users: the guard, or its controller, which here is nobody. */
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

/** Sites whose guards end TLS. */
const ENDING_TLS = ['passing', 'certified'];

/** Who pushes, to the guard of which site. */
interface Kind {
  readonly name: string;
  readonly site: string;
  /** Each kind of hash is the line of another user in one file. @default - nobody */
  readonly user?: string;
  readonly header?: string;
  /** Whether each push has a connection of its own, as those of a sidecar. @default false */
  readonly connects?: boolean;
  /** Of one round: many where one is short, few where one is long. */
  readonly pushes: number;
}

const KINDS: readonly Kind[] = [
  { name: 'no check', site: 'unchecked', pushes: 500 },
  // What is not the hash's: a guard that knows its users logs each push.
  { name: 'no check, log of users', site: 'named', header: 'X-Auth-User: edge', pushes: 500 },
  { name: 'SHA-1', site: 'checked', user: 'sha1', pushes: 500 },
  { name: 'SHA-1, rate limit', site: 'limited', user: 'sha1', pushes: 500 },
  { name: 'bcrypt, cost 5', site: 'checked', user: 'bcrypt-5', pushes: 500 },
  { name: 'bcrypt, cost 5, rate limit', site: 'limited', user: 'bcrypt-5', pushes: 500 },
  { name: 'bcrypt, cost 10', site: 'checked', user: 'bcrypt-10', pushes: 40 },
  { name: 'TLS, bcrypt, cost 5', site: 'passing', user: 'bcrypt-5', pushes: 500 },
  { name: 'TLS, certificate', site: 'certified', pushes: 500 },
  { name: 'new TLS, bcrypt, cost 5', site: 'passing', user: 'bcrypt-5', connects: true, pushes: 200 },
  { name: 'new TLS, certificate', site: 'certified', connects: true, pushes: 200 },
];

/** A certificate, and the password that it stands in for. */
const PAIRS = [
  ['TLS, certificate', 'TLS, bcrypt, cost 5'],
  ['new TLS, certificate', 'new TLS, bcrypt, cost 5'],
] as const;

/** What pushes: a node beside the guards, which has its certificate, and asks each guard by the name of its host. */
interface Client {
  readonly cluster: Cluster;
  readonly node: Node;
  readonly certificate: ClientFiles;
}

/** Milliseconds of CPU time of one push, in the order of the kinds. */
type Round = readonly number[];

const options = parseArguments({ check: { type: 'boolean', default: false } });

const rounds = options.check ? 1 : 9;

/** Of each kind, the pushes of a round. */
const kinds = KINDS.map((kind) => ({ ...kind, pushes: options.check ? kind.pushes / 10 : kind.pushes }));

function synthesizeSites(ca: string) {
  return synthesizeChart((chart) => {
    for (const [name, { certificates, ...site }] of Object.entries(SITES)) {
      const tls = { secretName: `${name}-tls` };
      const host = `${name}.example.com`;
      const authentication = certificates ? nodeCertificate({ ca }) : basicAuth();
      const ingress = new BasicAuthIngress(chart, name, { name, host, tls, authentication, ...site });
      // What nodes push, and not services, which have passwords at every host.
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
    htpasswdLine({ user: 'sha1', password: PASSWORD }, 'sha1').text,
    htpasswdLine({ user: 'bcrypt-5', password: PASSWORD }, 'bcrypt').text,
    `bcrypt-10:${hashSync(PASSWORD, genSaltSync(10)).replace('$2b$', '$2y$')}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Of each site, the guard that is pushed to; its other replica has nothing to do. */
async function startGuards(cluster: Cluster): Promise<Map<string, Pod>> {
  const guards = new Map<string, Pod>();
  for (const site of Object.keys(SITES)) {
    await cluster.start('StatefulSet', NAMESPACE, `${site}-pushgateway`);
    const [guard] = await cluster.start('Deployment', NAMESPACE, `${site}-guard`);
    if (guard) guards.set(site, guard);
  }
  return guards;
}

/** Milliseconds of CPU time, user and system, that a guard's nginx has used: its master and its worker. */
function cpuTime(guard: Pod): number {
  const processes = guard.containers.map(({ memory }) => readFileSync(memory.processes, 'utf8')).join('\n');
  const pids = (processes.match(/\d+/g) ?? []).filter((pid) => processName(pid) === 'nginx');
  if (!pids.length) throw new Error(`no nginx runs in ${guard.name}`);
  return pids.map(readNanoseconds).reduce((sum, one) => sum + one) / 1e6;
}

const processName = (pid: string): string => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

/** `stat` has the same time in hundredths of a second, which are dozens of pushes. */
const readNanoseconds = (pid: string): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);

/**
 * Pushes one after the other on one connection: a controller keeps its connections to a guard, and of 50
 * pushes a second few come at the same time.
 *
 * @throws Error when one is not taken.
 */
async function pushOnce({ cluster, node, certificate }: Client, guard: Pod, kind: Kind): Promise<void> {
  const { name, site, user, header, connects, pushes } = kind;
  const host = `${site}.example.com`;
  const base = ENDING_TLS.includes(site) ? `https://${host}:8443` : `http://${host}:8080`;
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
    ...(connects ? ['--no-sessionid', '--header', 'Connection: close'] : []),
    ...['--connect-to', `${host}::${guard.address}:`, '--cacert', cluster.authority.file],
    ...['--cert', certificate.certificateFile, '--key', certificate.keyFile],
    ...['--request', 'PUT', '--data-binary', '@-'],
    `${base}/metrics/job/bench/instance/${node.name}/hostname/${node.name}?[1-${pushes}]`,
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

async function measureKind(from: Client, guard: Pod | undefined, kind: Kind): Promise<number> {
  if (!guard) throw new Error(`no guard of ${kind.site} was started`);
  const before = cpuTime(guard);
  await pushOnce(from, guard, kind);
  return (cpuTime(guard) - before) / kind.pushes;
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
    const client = { cluster, node, certificate: authority.enroll(node) };
    const guards = await startGuards(cluster);
    const all: Round[] = [];
    for (let count = 0; count <= rounds; count++) {
      const round: number[] = [];
      for (const kind of kinds) round.push(await measureKind(client, guards.get(kind.site), kind));
      all.push(round);
    }
    // In the first, nginx takes its memory and connects to what is behind it.
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
    // To the same round's, since the machine's speed drifts.
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

/**
 * What Basic Auth costs the proxy of this stack: the guard checks a password at every push, since HTTP has
 * no sessions. The CPU time of one guard's nginx for each kind of hash, with and without a rate limit, against a guard
 * that checks nobody.
 * The kinds take turns in one run, so that a machine whose speed drifts is fair to all of them.
 *
 *   npm run bench:authentication [-- --check]
 *
 * --check: one round of a tenth of the pushes; exit code 1 when one is not taken, and never because of a time. Needs
 * what the end-to-end tests need.
 */
import { readFileSync } from 'node:fs';
import { genSaltSync, hashSync } from 'bcryptjs';
import {
  BasicAuthIngress,
  type IngressController,
  ingressNginx,
  Pushgateway,
  proxy,
  type RateLimit,
  traefik,
} from '../lib';
import { htpasswdLine } from '../lib/tools/credentials/htpasswd';
import { Cluster } from '../test/runtime/cluster';
import type { Node } from '../test/runtime/node';
import type { Pod } from '../test/runtime/pod';
import { program, tryRun } from '../test/runtime/programs';
import { secret } from '../test/runtime/secrets';
import { synthesized } from '../test/support/synthesize';
import { argumentsOf, onPods, spread, Table } from './support/main';

const NODES = 500;
const INTERVAL_SECONDS = 10;
const PUSHES_PER_SECOND = NODES / INTERVAL_SECONDS;

const NAMESPACE = 'monitoring';
const PASSWORD = 'correct-horse-battery-staple';

/** About 10 kB, as what the reference node pushes has when it is compressed. */
const BODY = Array.from({ length: 400 }, (_, index) => `measured{index="${index}"} 1\n`).join('');

/** Of all pushes of one kind in one round: a guard that hangs does not hold up the bench. */
const TIME_LIMIT_SECONDS = 60;

interface Site {
  readonly controller: IngressController;
  /** @default - none */
  readonly rateLimit?: RateLimit;
}

/** A limit that no push here reaches: what it costs is the second server of the guard, which counts verified users. */
const rateLimit = { requestsPerSecond: 100_000 };

/** Sites that differ in who checks the users: the guard, or its controller, which here is nobody. */
const SITES: Readonly<Record<string, Site>> = {
  checked: { controller: proxy({ namespace: 'ingress-nginx' }) },
  limited: { controller: proxy({ namespace: 'ingress-nginx' }), rateLimit },
  unchecked: { controller: ingressNginx() },
  named: { controller: traefik() },
};

/** Sites whose guards check passwords. */
const CHECKING = ['checked', 'limited'];

/** Who pushes, to the guard of which site. */
interface Kind {
  readonly name: string;
  readonly site: string;
  /** Each kind of hash is the line of another user in one file. @default - nobody */
  readonly user?: string;
  readonly header?: string;
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
];

/** Milliseconds of CPU time of one push, in the order of the kinds. */
type Round = readonly number[];

const options = argumentsOf({ check: { type: 'boolean', default: false } });

const rounds = options.check ? 1 : 9;

/** Of each kind, the pushes of a round. */
const kinds = KINDS.map((kind) => ({ ...kind, pushes: options.check ? kind.pushes / 10 : kind.pushes }));

function objects() {
  return synthesized((chart) => {
    for (const [name, site] of Object.entries(SITES)) {
      const tls = { secretName: `${name}-tls` };
      const host = `${name}.example.com`;
      const ingress = new BasicAuthIngress(chart, name, { name, host, tls, ...site });
      new Pushgateway(chart, `${name}-pushgateway`, { name: `${name}-pushgateway`, ingress });
    }
  });
}

function users(): string {
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
  const pids = (processes.match(/\d+/g) ?? []).filter((pid) => nameOf(pid) === 'nginx');
  if (!pids.length) throw new Error(`no nginx runs in ${guard.name}`);
  return pids.map(nanoseconds).reduce((sum, one) => sum + one) / 1e6;
}

const nameOf = (pid: string): string => readFileSync(`/proc/${pid}/comm`, 'utf8').trim();

/** `stat` has the same time in hundredths of a second, which are dozens of pushes. */
const nanoseconds = (pid: string): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);

/**
 * Pushes one after the other on one connection: a controller keeps its connections to a guard, and of 50
 * pushes a second few come at the same time.
 *
 * @throws Error when one is not taken.
 */
async function push(from: Node, guard: Pod, { name, user, header, pushes }: Kind): Promise<void> {
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
    ...['--request', 'PUT', '--data-binary', '@-'],
    `http://${guard.address}:8080/metrics/job/bench?[1-${pushes}]`,
  ];
  const { code, stdout, stderr } = await tryRun('nsenter', [...from.namespace.entry, ...curl], {
    input: BODY,
  });
  const taken = stdout.match(/^2\d\d$/gm)?.length ?? 0;
  if (code === 0 && taken === pushes) return;
  throw new Error(
    `${name}: ${taken} of ${pushes} pushes were taken; curl ended with ${code}: ${stderr.trim()}`,
  );
}

async function measure(from: Node, guard: Pod | undefined, kind: Kind): Promise<number> {
  if (!guard) throw new Error(`no guard of ${kind.site} was started`);
  const before = cpuTime(guard);
  await push(from, guard, kind);
  return (cpuTime(guard) - before) / kind.pushes;
}

async function measureAll(): Promise<Round[]> {
  const cluster = new Cluster();
  try {
    cluster.addNode({ name: 'cloud-1' });
    const ingress = cluster.addNode({ name: 'ingress' });
    const secrets = CHECKING.map((site) => secret(NAMESPACE, `${site}-users`, { auth: users() }));
    cluster.apply(...objects(), ...secrets);
    const guards = await startGuards(cluster);
    const all: Round[] = [];
    for (let count = 0; count <= rounds; count++) {
      const round: number[] = [];
      for (const kind of kinds) round.push(await measure(ingress, guards.get(kind.site), kind));
      all.push(round);
    }
    // In the first, nginx takes its memory and connects to what is behind it.
    return all.slice(1);
  } finally {
    await cluster.destroy();
  }
}

function print(all: readonly Round[]): void {
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
    table.row(name, spread(costs, 3), spread(ratios, 1), spread(millicores, 0));
  }
}

async function run(): Promise<void> {
  print(await measureAll());
}

void onPods(run);

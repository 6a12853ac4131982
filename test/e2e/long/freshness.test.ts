import { setTimeout as sleep } from 'node:timers/promises';
import { App } from 'cdk8s';
import { EdgeChart, fromRemoteWrite } from '../../../lib';
import { FRESHNESS, type Freshness } from '../../../lib/charts/freshness';
import { toSeconds } from '../../../lib/core/units';
import type { Pod } from '../../runtime/pod';
import { eventually } from '../../runtime/wait';
import { fleetDist, ReferenceStack } from '../../stacks/reference-stack';

const HOST = 'push.fleet.example.com';

/** Action on the agent of each node while its link is cut, and number of batches before it. */
const NODES = {
  'edge-1': { batches: 2.5, isKilled: false },
  'edge-2': { batches: 2.8, isKilled: true },
  'edge-3': { batches: 5, isKilled: true },
} as const;
type NodeName = keyof typeof NODES;

/** Longest pause between two tries of an agent, twice, and what a busy machine needs. */
const RETURN_SECONDS = 240;

jest.setTimeout(40 * 60_000);

/** Seconds for which a choice lets samples wait: vmagent adds up to a tenth, at most 10 seconds. */
function paceOf(freshness: Freshness) {
  const { interval, batchWait } = FRESHNESS[freshness];
  const wait = toSeconds(batchWait);
  return { interval: toSeconds(interval), wait, most: wait + Math.min(wait / 10, 10) };
}

/** A fleet whose nodes all have one choice of freshness. */
class Fleet {
  private constructor(
    private readonly stack: ReferenceStack,
    private readonly prometheus: Pod,
    private readonly agents: ReadonlyMap<string, Pod>,
    private readonly pace: ReturnType<typeof paceOf>,
  ) {}

  static async run(freshness: Freshness, work: (fleet: Fleet) => Promise<void>): Promise<void> {
    const stack = await ReferenceStack.create({ dist: fleetDist(), edgeNodes: Object.keys(NODES) });
    try {
      stack.cluster.apply(...edgeManifests(freshness));
      const prometheus = await stack.startCloud('prometheus');
      await stack.startCloud('metrics-gateway');
      for (const guard of stack.guards) for (const container of guard.containers) await container.restart();
      await stack.startEdges('edge-node-exporter');
      const pods = await stack.startEdges('edge-metrics-agent');
      const agents = new Map(Object.keys(NODES).map((name, index) => [name, pods[index] as Pod]));
      await work(new Fleet(stack, prometheus, agents, paceOf(freshness)));
    } finally {
      await stack.destroy();
    }
  }

  /** Cuts the link of a node, kills its agent in the outage where it is to be killed, and waits for fresh samples. */
  async outage(name: NodeName): Promise<void> {
    const { batches, isKilled } = NODES[name];
    const { uplink } = this.stack.node(name);
    uplink.cut();
    await sleep(batches * this.pace.wait * 1_000);
    if (isKilled) await this.kill(name);
    uplink.restore();
    await this.isFresh(name);
  }

  /** Kills the agent, which is started again. */
  async kill(name: NodeName): Promise<void> {
    const vmagent = this.agents.get(name)?.container('vmagent');
    vmagent?.signal('SIGKILL');
    await sleep(this.pace.interval * 1_000);
  }

  /** Waits for a sample that was measured from now on. */
  async isFresh(name: NodeName): Promise<void> {
    const now = Date.now() / 1_000;
    const isThere = async () => (await this.times(name)).some((time) => time > now);
    await eventually(`fresh samples of ${name}`, isThere, {
      seconds: 3 * this.pace.most + RETURN_SECONDS,
      pauseMs: 2_000,
    });
  }

  /** Waits until no more than this number of seconds is missing, and returns the number. */
  async lost(name: NodeName, most: number): Promise<number> {
    let missing = Number.NaN;
    const isWithin = async () => {
      missing = missingSeconds(await this.times(name), this.pace.interval);
      return missing <= most;
    };
    const patience = { seconds: this.pace.most + RETURN_SECONDS, pauseMs: 5_000 };
    await eventually(() => `at most ${most} s of ${name} are missing: ${missing}`, isWithin, patience);
    return missing;
  }

  /** When each sample was measured that Prometheus has. */
  private async times(name: NodeName): Promise<number[]> {
    const [series] = await this.stack.samples(this.prometheus, `node_time_seconds{node="${name}"}[2h]`);
    return series ?? [];
  }
}

/** Seconds between samples, beside an interval between each two. */
function missingSeconds(times: readonly number[], interval: number): number {
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return gaps.filter((gap) => gap > 1.5 * interval).reduce((sum, gap) => sum + gap - interval, 0);
}

function edgeManifests(freshness: Freshness) {
  const settings = {
    cluster: 'fleet',
    hosts: { metrics: HOST, logs: `logs.${HOST}` },
    edge: { transport: 'remote-write' as const, freshness },
  };
  const metrics = fromRemoteWrite({
    host: HOST,
    credentialsSecretName: 'push-credentials',
    encoding: 'zstd',
  });
  return new EdgeChart(new App(), 'edge', { settings, metrics }).toJson();
}

// docs/metrics.md has these bounds; an agent that starts again scrapes for the first time within an interval.
test.concurrent.each(['fresh', 'balanced', 'frugal'] as const)(
  '%s loses nothing in an outage, and at a kill no more than the batches that the agent holds',
  (freshness) =>
    Fleet.run(freshness, async (fleet) => {
      const names = Object.keys(NODES) as NodeName[];
      const { interval, most } = paceOf(freshness);
      await Promise.all(names.map((name) => fleet.isFresh(name)));
      await Promise.all(names.map((name) => fleet.outage(name)));
      const starting = 2 * interval;
      const lost = {
        'in an outage': await fleet.lost('edge-1', 0),
        'killed in the first three batches of an outage': await fleet.lost('edge-2', 3 * most + starting),
        'killed later': await fleet.lost('edge-3', 2 * most + starting),
      };
      await fleet.kill('edge-1');
      await fleet.isFresh('edge-1');
      const withLink = await fleet.lost('edge-1', most + starting);
      const figures = Object.entries({ ...lost, 'killed with a link': withLink });
      process.stdout.write(
        `${freshness}: ${figures.map(([how, s]) => `${how} ${s.toFixed(0)} s`).join(', ')}\n`,
      );
    }),
);

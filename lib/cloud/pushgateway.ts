import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../access/basic-auth-ingress';
import { connectPushClient } from '../access/push-client';
import type { PublicEndpoint } from '../contracts/endpoint';
import type { PushClientOptions, PushgatewaySink } from '../contracts/metrics-sink';
import type { NetworkServer } from '../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../contracts/scrape-target';
import type { Resources } from '../core/pods';
import { runningShards, shardCount } from '../core/shards';
import type { Duration, Quantity } from '../core/units';
import { interval, invalid, pathPrefix, verify } from '../core/validation';
import { PushgatewayReaper, type ReaperOptions } from './pushgateway-reaper';
import { expose, makeShard, type Shard, scrapeConfig } from './pushgateway-shard';

/** What a Pushgateway is made of. */
export interface PushgatewayProps {
  /** Name of its objects, and of the job that reads it; further shards have `-shard-1` and so on at its end. @default "pushgateway" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `cloud` of the platform's */
  readonly namespace?: string;
  /** What puts it within reach of the edge. @default - reachable inside the cluster only */
  readonly ingress?: BasicAuthIngress;
  /** Path before its own ones, so that several share a host. @default - none */
  readonly routePrefix?: string;
  /**
   * Whether a push is refused that contradicts what is stored. Checking gathers the whole store at
   * each push (measured: 364 % of a core at 200 nodes, 10 % without); not checking lets one bad push
   * spoil the whole scrape while it is stored. Check what people write, not what one exporter does.
   * @default true
   */
  readonly consistencyCheck?: boolean;
  /**
   * How many pods share what is pushed. Each node uses one, which its name decides: the first at the path of an
   * only one, the others below `/shard-1` and so on. One holds about 500 nodes (bench:pushgateway). Nodes take
   * another number with a new pod: keep `formerShards` until they all have.
   * @default 1
   */
  readonly shards?: number;
  /**
   * How many there were, where there are to be fewer: those beyond `shards` stay for nodes that still push to
   * them. Take it out when every node has rolled.
   * @default - no more than `shards`
   */
  readonly formerShards?: number;
  /**
   * What is deleted that nobody pushes any more.
   * @default - nothing; where there are several shards, copies that a node left behind in another one
   */
  readonly reaper?: ReaperOptions | false;
  /** How often Prometheus reads it. @default "10s" - as often as the edge pushes */
  readonly scrapeInterval?: Duration;
  /** Volume for what was pushed last, of each shard. @default "2Gi" */
  readonly storage?: Quantity;
  /** Of each shard. @default - 100m of a core, 128Mi of memory, at most 1Gi (500 nodes take 400Mi and a quarter of a core: bench:pushgateway) */
  readonly resources?: Resources;
}

/** Keeps what the edge pushed last, over restarts too, for Prometheus to read. */
export class Pushgateway extends Construct implements PushgatewaySink, ScrapeTarget {
  readonly protocol = 'pushgateway';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly publicEndpoint?: PublicEndpoint;

  /** @throws InvalidOptionError when an option is not allowed, or when its path of the ingress is taken. */
  constructor(scope: Construct, id: string, props: PushgatewayProps = {}) {
    super(scope, id);
    verify(this, {
      routePrefix: [props.routePrefix, pathPrefix],
      scrapeInterval: [props.scrapeInterval, interval],
      shards: [props.shards, shardCount],
      formerShards: [props.formerShards, shardCount],
    });
    const shards = runningShards(props).map((index) => makeShard(this, props, index));
    this.scrapeConfigs = shards.map((shard) => scrapeConfig(shard, props));
    this.scrapeServers = shards.map(({ workload }) => workload.server('http'));
    makeReaper(this, props, shards);
    this.publicEndpoint = props.ingress && exposeAll(shards, props.ingress, props.shards);
  }

  get endpoint(): PublicEndpoint {
    if (!this.publicEndpoint) throw invalid(this, 'nothing at the edge can reach it: give it an `ingress`');
    return this.publicEndpoint;
  }

  connect(workload: Construct, options?: PushClientOptions): void {
    connectPushClient(this.endpoint, workload, options);
  }
}

function makeReaper(scope: Construct, props: PushgatewayProps, shards: readonly Shard[]): void {
  const { reaper = shards.length > 1 ? {} : false } = props;
  const [first] = shards;
  if (!reaper || !first) return;
  const { name, namespace } = first.workload;
  new PushgatewayReaper(scope, 'Reaper', { ...reaper, name: `${name}-reaper`, namespace, shards });
}

/** All of them, and where clients find the first, by which they find the others. */
function exposeAll(running: readonly Shard[], ingress: BasicAuthIngress, shards = 1): PublicEndpoint {
  const isSharded = running.length > 1;
  const [first] = running.map((shard) => expose(shard, ingress, isSharded));
  return { ...(first as PublicEndpoint), ...(isSharded && { shards }) };
}

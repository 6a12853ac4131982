import { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import { configureWorkloadToPushMetrics } from '../../access/push-client';
import type { PublicEndpoint } from '../../contracts/endpoint';
import type { PushClientOptions, PushgatewaySink } from '../../contracts/metrics-sink';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { validateAndApplyDefaults } from '../../core/option-table';
import { runningShardIndexes } from '../../core/shards';
import { optionError } from '../../core/validation';
import { PUSHGATEWAY_OPTIONS, type PushgatewayOptions, type PushgatewayProps } from './options';
import { PushgatewayReaper } from './reaper';
import { createShard, exposeShard, type Shard, scrapeConfigsOfShard } from './shard';

/**
 * A Pushgateway, which keeps the metrics that edge nodes pushed last, so that Prometheus can scrape them. The
 * metrics survive restarts.
 */
export class Pushgateway extends Construct implements PushgatewaySink, ScrapeTarget {
  readonly protocol = 'pushgateway';
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];
  private readonly publicEndpoint?: PublicEndpoint;

  /**
   * @throws InvalidOptionError when an option is invalid, or when another backend of the ingress uses the
   * Pushgateway's path.
   */
  constructor(scope: Construct, id: string, props: PushgatewayProps = {}) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, PUSHGATEWAY_OPTIONS);
    const shards = runningShardIndexes(options).map((index) => createShard(this, options, index));
    this.scrapeConfigs = shards.flatMap((shard) => scrapeConfigsOfShard(shard, options));
    this.scrapeServers = shards.flatMap(({ workload }) =>
      ['http', 'filter'].map((port) => workload.serverForNetworkPolicies(port)),
    );
    createReaperIfEnabled(this, options, shards);
    this.publicEndpoint = options.ingress && exposeShards(shards, options.ingress, options);
  }

  get endpoint(): PublicEndpoint {
    if (!this.publicEndpoint)
      throw optionError(
        this,
        'edge nodes cannot reach the Pushgateway, because it has no ingress: set the option "ingress"',
      );
    return this.publicEndpoint;
  }

  connect(workload: Construct, options?: PushClientOptions): void {
    configureWorkloadToPushMetrics(this.endpoint, workload, options);
  }
}

function createReaperIfEnabled(
  scope: Construct,
  { reaper }: PushgatewayOptions,
  shards: readonly Shard[],
): void {
  const [first] = shards;
  if (!reaper || !first) return;
  const { name, namespace } = first.workload;
  new PushgatewayReaper(scope, 'Reaper', { ...reaper, name: `${name}-reaper`, namespace, shards });
}

/**
 * Makes all shards reachable at the ingress. Returns the endpoint of the first shard, from which clients
 * compute the paths of the other shards.
 */
function exposeShards(
  running: readonly Shard[],
  ingress: BasicAuthIngress,
  { shards, consistencyCheck }: PushgatewayOptions,
): PublicEndpoint {
  const isSharded = running.length > 1;
  const [first] = running.map((shard) => exposeShard(shard, ingress, isSharded, !consistencyCheck));
  return { ...(first as PublicEndpoint), ...(isSharded && { shards }) };
}

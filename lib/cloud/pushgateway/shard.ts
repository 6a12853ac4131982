import type { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import type { PublicEndpoint } from '../../contracts/endpoint';
import type { ScrapeConfig } from '../../contracts/scrape-target';
import { CloudWorkload } from '../../core/cloud-workload';
import { GROUP_PATH, GROUP_PATH_RULE } from '../../core/grouping-key';
import { Platform } from '../../core/platform';
import { httpProbes } from '../../core/probes';
import { pushedSeriesRelabeling } from '../../core/reserved-relabeling';
import { shardName, shardPath } from '../../core/shards';
import { scaleCpu } from '../../core/units';
import { type PushgatewayOptions, resolvePushLimits } from './options';
import { PUSH_FILTER_VOLUME, pushFilterContainer, pushFilterFiles } from './push-filter';
import { PUSH_FILTER, PUSHGATEWAY } from './sizing';

/** Port of the filter, the only entry point, which also serves its metrics. */
const PORT = 9091;
const FILTER_METRICS_PORT = 9093;
/** Port of Pushgateway itself, on the pod's loopback address. */
const PUSHGATEWAY_PORT = 9095;

const DATA = { name: 'data', mountPath: '/data' };

/** A shard of a Pushgateway; most have a single one. */
export interface Shard {
  readonly workload: CloudWorkload;
  readonly routePrefix: string;
}

export function makeShard(scope: Construct, options: PushgatewayOptions, index: number): Shard {
  const { name, namespace, consistencyCheck, resources } = options;
  const limits = resolvePushLimits(options);
  const routePrefix = `${options.routePrefix ?? ''}${shardPath(index)}`;
  const workload = new CloudWorkload(scope, index === 0 ? 'Default' : `Shard-${index}`, {
    name: shardName(name, index),
    namespace,
    image: 'pushgateway',
    uid: 65_534,
    ports: { http: PORT, filter: FILTER_METRICS_PORT },
    storage: { size: options.storage, mountPath: DATA.mountPath },
    config: [{ name: PUSH_FILTER_VOLUME, files: () => pushFilterFiles(limits) }],
    container: {
      args: [
        `--web.listen-address=127.0.0.1:${PUSHGATEWAY_PORT}`,
        ...(routePrefix ? [`--web.route-prefix=${routePrefix}`] : []),
        // A different file than in releases without a filter, because its groups may conflict with those that pass the
        // filter.
        `--persistence.file=${DATA.mountPath}/groups`,
        '--persistence.interval=1m',
        // At each scrape and for each group, Pushgateway logs all metrics of a family whose help text differs
        // from its own, such as go_goroutines: for 500 nodes gigabytes, until it runs out of memory
        // (measured).
        '--log.level=warn',
        ...(consistencyCheck ? [] : ['--push.disable-consistency-check']),
      ],
      resources,
      // Through the filter, since the kubelet cannot reach the loopback address.
      ...httpProbes({
        ready: `${routePrefix}/-/ready`,
        readyPort: PORT,
        live: `${routePrefix}/-/healthy`,
        livePort: PORT,
      }),
    },
    sidecars: [
      pushFilterContainer({
        image: Platform.of(scope).image('node'),
        port: PORT,
        metricsPort: FILTER_METRICS_PORT,
        pushgatewayPort: PUSHGATEWAY_PORT,
        routePrefix,
        exportersOnly: !consistencyCheck,
        limits,
        // Both containers process the same samples.
        cpu: scaleCpu(resources.cpu, PUSH_FILTER.secondsPerSample / PUSHGATEWAY.secondsPerSample),
        volume: DATA,
      }),
    ],
  });
  return { workload, routePrefix };
}

/** Returns the scrape jobs for the pushed metrics and for the filter's own. */
export function shardScrapeConfigs(shard: Shard, options: PushgatewayOptions): ScrapeConfig[] {
  const { workload } = shard;
  return [
    groupsScrapeConfig(shard, options),
    {
      job_name: `${workload.name}-filter`,
      // Its series are about nodes.
      honor_labels: true,
      static_configs: [{ targets: [workload.address('filter')] }],
      metric_relabel_configs: [{ target_label: 'pushgateway', replacement: workload.name }],
    },
  ];
}

/**
 * Returns the scrape job for pushed metrics. Labels of clients are kept; the label `node` is the `hostname`
 * of the grouping key.
 */
function groupsScrapeConfig({ workload, routePrefix }: Shard, options: PushgatewayOptions): ScrapeConfig {
  return {
    job_name: workload.name,
    honor_labels: true,
    scrape_interval: options.scrapeInterval,
    metrics_path: `${routePrefix}/metrics`,
    // A safety limit, which fails the whole scrape; the push filter's limit is far below it.
    sample_limit: 2 * resolvePushLimits(options).series,
    static_configs: [{ targets: [workload.address('http')] }],
    metric_relabel_configs: [
      ...pushedSeriesRelabeling(workload.name),
      { source_labels: ['hostname'], regex: '(.+)', target_label: 'node', replacement: '$1' },
      // Lets rules distinguish exporters, which push continuously, from business services, which may push
      // rarely.
      {
        source_labels: ['__name__'],
        regex: 'push_(failure_)?time_seconds',
        target_label: 'pushgateway',
        replacement: workload.name,
      },
    ],
  };
}

/**
 * All push paths start with `/metrics`, including those with base64 grouping keys (`/metrics/job@base64/`).
 */
export function exposeShard(
  { workload, routePrefix }: Shard,
  ingress: BasicAuthIngress,
  isOneOfSeveral: boolean,
  exportersOnly: boolean,
): PublicEndpoint {
  return ingress.expose({
    namespace: workload.namespace,
    serviceName: workload.name,
    server: workload.server('http'),
    basePath: routePrefix,
    paths: [`${routePrefix}/metrics`],
    pushes: {
      // A node deletes its group from the shards that it left. A client that may replace a group by an empty
      // one may also delete it.
      methods: isOneOfSeveral ? ['PUT', 'POST', 'DELETE'] : ['PUT', 'POST'],
      path: `${routePrefix.replaceAll('.', '\\.')}${GROUP_PATH}`,
      pathRule: GROUP_PATH_RULE,
    },
    groupStamp: 'grouping-key',
    pushedByNodes: exportersOnly,
  });
}

import type { Construct } from 'constructs';
import type { BasicAuthIngress } from '../../access/basic-auth-ingress';
import type { PublicEndpoint } from '../../contracts/endpoint';
import type { ScrapeConfig } from '../../contracts/scrape-target';
import { CloudWorkload } from '../../core/cloud-workload';
import { GROUP_PATH, GROUP_PATH_MESSAGE } from '../../core/grouping-key';
import { Platform } from '../../core/platform';
import { httpProbes } from '../../core/probes';
import { relabelingOfPushgatewaySamples } from '../../core/reserved-relabeling';
import { objectNameOfShard, shardPath } from '../../core/shards';
import { scaleCpu } from '../../core/units';
import { resolvePushLimits } from './limits';
import type { PushgatewayOptions } from './options';
import { PUSH_FILTER_VOLUME, pushFilterConfigMapFiles, pushFilterContainer } from './push-filter';
import { PUSH_FILTER, PUSHGATEWAY } from './sizing';

/**
 * Port at which the push filter accepts pushes and scrapes. Pushgateway itself cannot be reached from outside
 * the pod.
 */
const PORT = 9091;
const FILTER_METRICS_PORT = 9093;
/** Port of Pushgateway on the pod's loopback address. */
const PUSHGATEWAY_PORT = 9095;

const DATA_MOUNT = { name: 'data', mountPath: '/data' };

/** A shard of a Pushgateway. A Pushgateway without the option `shards` has one shard. */
export interface Shard {
  readonly workload: CloudWorkload;
  readonly routePrefix: string;
}

/**
 * Creates the workload of one shard: Pushgateway, and the push filter that receives its requests.
 * @param index number of the shard; 0 for the first shard
 */
export function createShard(scope: Construct, options: PushgatewayOptions, index: number): Shard {
  const { name, namespace, consistencyCheck, resources } = options;
  const limits = resolvePushLimits(options);
  const routePrefix = `${options.routePrefix ?? ''}${shardPath(index)}`;
  const workload = new CloudWorkload(scope, index === 0 ? 'Default' : `Shard-${index}`, {
    name: objectNameOfShard(name, index),
    namespace,
    image: 'pushgateway',
    uid: 65_534,
    ports: { http: PORT, filter: FILTER_METRICS_PORT },
    storage: { size: options.storage, mountPath: DATA_MOUNT.mountPath },
    config: [{ name: PUSH_FILTER_VOLUME, files: () => pushFilterConfigMapFiles(limits) }],
    container: {
      args: [
        `--web.listen-address=127.0.0.1:${PUSHGATEWAY_PORT}`,
        ...(routePrefix ? [`--web.route-prefix=${routePrefix}`] : []),
        // Releases without a push filter used another file. Its groups are not loaded, because they may
        // conflict with new groups.
        `--persistence.file=${DATA_MOUNT.mountPath}/groups`,
        '--persistence.interval=1m',
        // At log level info, each scrape logs a line for each metric family whose help text differs from
        // Pushgateway's own, such as go_goroutines, in each group. With 500 nodes, the log lines have
        // gigabytes, and Pushgateway runs out of memory (measured).
        '--log.level=warn',
        ...(consistencyCheck ? [] : ['--push.disable-consistency-check']),
      ],
      resources,
      // The probes use the port of the push filter, because the kubelet cannot reach Pushgateway's loopback
      // address.
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
        // Both containers process the same samples. The CPU request of the filter is therefore the request of
        // Pushgateway, multiplied by the ratio of their CPU times per sample.
        cpu: scaleCpu(resources.cpu, PUSH_FILTER.secondsPerSample / PUSHGATEWAY.secondsPerSample),
        volume: DATA_MOUNT,
      }),
    ],
  });
  return { workload, routePrefix };
}

/**
 * Returns the scrape jobs of a shard: one for the pushed metrics, and one for the metrics of the push filter.
 */
export function scrapeConfigsOfShard(shard: Shard, options: PushgatewayOptions): ScrapeConfig[] {
  const { workload } = shard;
  return [
    pushedMetricsScrapeConfig(shard, options),
    {
      job_name: `${workload.name}-filter`,
      // Series of the push filter are about edge nodes, so the label node is kept.
      honor_labels: true,
      static_configs: [{ targets: [workload.serviceAddress('filter')] }],
      metric_relabel_configs: [{ target_label: 'pushgateway', replacement: workload.name }],
    },
  ];
}

/**
 * Returns the scrape job for the pushed metrics. The job keeps the labels that clients set, and copies the
 * label `hostname` of the grouping key to the label `node`.
 */
function pushedMetricsScrapeConfig(
  { workload, routePrefix }: Shard,
  options: PushgatewayOptions,
): ScrapeConfig {
  return {
    job_name: workload.name,
    honor_labels: true,
    scrape_interval: options.scrapeInterval,
    metrics_path: `${routePrefix}/metrics`,
    // This safety limit is twice the limit of the push filter. A scrape that exceeds it fails as a whole.
    sample_limit: 2 * resolvePushLimits(options).series,
    static_configs: [{ targets: [workload.serviceAddress('http')] }],
    metric_relabel_configs: [
      ...relabelingOfPushgatewaySamples(workload.name),
      { source_labels: ['hostname'], regex: '(.+)', target_label: 'node', replacement: '$1' },
      // The label pushgateway lets rules distinguish exporters, which push continuously, from business
      // services, which may push rarely.
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
 * Makes the push paths of a shard reachable at the ingress. All push paths start with `/metrics`, also paths
 * with base64 grouping keys (`/metrics/job@base64/`).
 * @param isOneOfSeveral whether the Pushgateway has several shards; if true, clients may push and delete groups;
 * otherwise, clients may only push
 * @param exportersOnly whether only exporters on edge nodes push to the shard
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
    server: workload.serverForNetworkPolicies('http'),
    basePath: routePrefix,
    paths: [`${routePrefix}/metrics`],
    pushes: {
      // A node deletes its groups from a shard that it no longer pushes to. This gives clients no new
      // permission: a client that may push can also replace a group by an empty one.
      methods: isOneOfSeveral ? ['PUT', 'POST', 'DELETE'] : ['PUT', 'POST'],
      path: `${routePrefix.replaceAll('.', '\\.')}${GROUP_PATH}`,
      pathRule: GROUP_PATH_MESSAGE,
    },
    groupStamp: 'grouping-key',
    pushedByNodes: exportersOnly,
  });
}

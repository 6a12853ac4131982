import * as v from 'valibot';
import type { LogAgent, LogMatch, LogSending, MultilineRule } from '../agents/log-agent';
import * as rules from '../core/option-rules';
import { edgeJob } from '../core/reserved-names';
import { streamLabels } from '../core/stream-labels';
import type { Rule } from '../core/validation';
import { DEVICE_RULES, type Device, type DevicePorts } from '../edge/device';
import { groupName } from '../edge/edge-group';
import { type MetricsQueue, type MetricsSending, targetsDirectory } from '../edge/edge-metrics-agent-options';
import { HTTP_PROXY_RULES, type HttpProxy } from '../edge/http-proxy';
import { metricsProfile } from '../edge/metrics-profile';
import type { EdgeService, KubeletScrape } from '../edge/scrape-jobs';
import { EXPORTER_RULES, type ExporterTraffic, nodeCount } from '../fleet/fleet';
import { type Entries, is, maybe, object, optional, optionalList, options, text } from './schema';
import type {
  EdgeAgentSettings,
  EdgeGroupSettings,
  EdgeLogSettings,
  EdgeSettings,
  FleetSettings,
} from './settings';

const agent: Rule = {
  allowed: 'a log agent, such as fluentBit(), alloy() or promtail()',
  accepts: (value) => typeof (value as LogAgent)?.files === 'function',
};

const match: Entries<LogMatch> = {
  namespace: maybe(rules.regularExpression),
  container: maybe(rules.regularExpression),
  line: maybe(rules.regularExpression),
};

/** What can be said of a group of nodes, too. */
const ofNodes: Entries<Omit<EdgeGroupSettings, 'name' | 'nodeSelector'>> = {
  interval: maybe(rules.interval),
  instance: maybe(rules.oneOf('node', 'address')),
  transport: maybe(rules.oneOf('pushgateway', 'remote-write')),
  profile: maybe(metricsProfile),
  agent: optional<EdgeAgentSettings>({
    kubelet: v.optional(
      v.union(
        [
          v.literal(false),
          options<KubeletScrape>({ interval: maybe(rules.interval), port: maybe(rules.port) }),
        ],
        'false or { interval, port }, a duration and a port',
      ),
    ),
    services: optionalList<EdgeService>({
      job: is(edgeJob),
      port: is(rules.port),
      metricsPath: maybe(rules.metricsPath),
      interval: maybe(rules.interval),
    }),
    targetsDirectory: maybe(targetsDirectory),
    seriesPerTarget: maybe(rules.wholeNumber(1, 1_000_000)),
    sending: optional<MetricsSending>({
      batchWait: maybe(rules.duration),
      bytesPerSecond: maybe(rules.quantity),
      maxBackoff: maybe(rules.interval),
      significantFigures: maybe(rules.wholeNumber(3, 17)),
    }),
    queue: optional<MetricsQueue>({ size: maybe(rules.quantity), maxAge: maybe(rules.duration) }),
  }),
  device: optional<Device>({
    stateDirectory: maybe(DEVICE_RULES.stateDirectory),
    readOnlyMounts: maybe(DEVICE_RULES.readOnlyMounts),
    sharedRootMount: maybe(DEVICE_RULES.sharedRootMount),
    seccomp: maybe(DEVICE_RULES.seccomp),
    seLinuxType: maybe(DEVICE_RULES.seLinuxType),
    ports: optional<DevicePorts>({
      nodeExporter: maybe(DEVICE_RULES.port),
      metricsAgent: maybe(DEVICE_RULES.port),
      logCollector: maybe(DEVICE_RULES.port),
    }),
    httpProxy: v.optional(
      v.union(
        [
          v.literal(false),
          options<HttpProxy>({
            address: is(HTTP_PROXY_RULES.address),
            credentialsSecretName: maybe(HTTP_PROXY_RULES.credentialsSecretName),
            noProxy: maybe(HTTP_PROXY_RULES.noProxy),
          }),
        ],
        `false or { address, credentialsSecretName, noProxy }: the address ${HTTP_PROXY_RULES.address.allowed}`,
      ),
    ),
  }),
  textfileDirectory: maybe(text),
  logs: optional<EdgeLogSettings>({
    agent: maybe(agent),
    streamLabels: maybe(streamLabels),
    keep: optionalList<LogMatch>(match),
    drop: optionalList<LogMatch>(match),
    multiline: optionalList<MultilineRule>({
      namespace: match.namespace,
      container: match.container,
      firstLine: is(rules.regularExpression),
      maxWait: maybe(rules.duration),
    }),
    sending: optional<LogSending>({
      batchSize: maybe(rules.quantity),
      batchWait: maybe(rules.duration),
      maxBackoff: maybe(rules.duration),
      linesPerSecond: maybe(rules.wholeNumber(1, 1_000_000)),
    }),
    logRoots: maybe(rules.listOf(rules.absolutePath)),
  }),
  tolerations: maybe(rules.listOf(object('a toleration in the format of Kubernetes'))),
  fleet: optional<FleetSettings>({
    nodes: is(nodeCount),
    series: maybe(rules.wholeNumber(1, 100_000)),
    exporters: optionalList<ExporterTraffic>({
      targets: maybe(EXPORTER_RULES.targets),
      series: is(EXPORTER_RULES.series),
      interval: maybe(EXPORTER_RULES.interval),
    }),
    logs: maybe(rules.quantity),
    uplinkBudget: maybe(rules.quantity),
  }),
};

const oneLabel: Rule = {
  allowed: 'one label with its value, by which the nodes of a group are told from all others',
  accepts: (value) => rules.labels.accepts(value) && Object.keys(value as object).length === 1,
};

/** The settings of the edge, each with what checks it. */
export const edgeSettings: Entries<EdgeSettings> = {
  ...ofNodes,
  group: maybe(rules.labelValue),
  nodeSelector: maybe(rules.labels),
  membership: maybe(rules.oneOf('api-server', 'pushes')),
  groups: optionalList<EdgeGroupSettings>({
    ...ofNodes,
    name: is(groupName),
    nodeSelector: maybe(oneLabel),
  }),
};

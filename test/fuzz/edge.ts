import {
  EdgeDaemonSet,
  EdgeExporter,
  EdgeGroup,
  EdgeLogCollector,
  EdgeMetricsAgent,
  EdgeNodeExporter,
  fluentBit,
  fromLoki,
  fromPushgateway,
  fromRemoteWrite,
  promtail,
} from '../../lib';
import { allSettings } from '../support/settings';
import { lines } from './cloud';
import { endpoint, type Maker, resources } from './makers';

const { agent, logs: { agent: _, ...logs } = {}, device } = allSettings.edge;

const pod = {
  namespace: 'shop',
  nodeSelector: { site: 'north' },
  excludedNodes: { site: ['south'] },
  tolerations: [
    { key: 'edge', operator: 'Exists' },
    { key: 'a', operator: 'Equal', value: 'b', effect: 'NoExecute', tolerationSeconds: 60 },
  ],
  priorityClassName: 'system-node-critical',
  updateStrategy: '10%',
  device,
};

const profile = {
  collectors: ['cpu', 'meminfo'],
  metrics: ['node_.+'],
  slowMetrics: { names: ['node_uname_info'], interval: '90s' },
  containerMetrics: ['container_memory_working_set_bytes'],
};

/** Options that exporters share. */
const exporter = {
  ...pod,
  labels: { team: 'edge' },
  group: 'north',
  interval: '30s',
  family: 'modem',
  instance: 'address',
  timeout: '5s',
  job: 'modem',
};

const gateway = () => fromPushgateway(endpoint);
const writer = () => fromRemoteWrite(endpoint);

const volumes = [{ name: 'data', hostPath: { path: '/data' } }];
const container = {
  ...{ name: 'modem', image: 'ghcr.io/example/modem:1.4.0', resources },
  ...{ command: ['/modem'], args: ['--verbose'], env: [{ name: 'A', value: 'b' }] },
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
  securityContext: { runAsUser: 1_000 },
  ports: [{ name: 'http', containerPort: 9_800, hostPort: 9_800, hostIp: '127.0.0.1' }],
};

/** Constructs of edge nodes. */
export const EDGE: Readonly<Record<string, Maker>> = {
  EdgeDaemonSet: {
    options: {
      ...pod,
      name: 'modem',
      version: '1.4.0',
      labels: { team: 'edge' },
      podAnnotations: { 'example.com/checksum': 'a' },
      containers: [container],
      initContainers: [{ ...container, name: 'first', ports: undefined }],
      volumes,
      ...{ hostNetwork: true, hostPid: false, shareProcesses: true, uid: 1_000 },
      nodeAlternatives: [[{ key: 'site', operator: 'In', values: ['north'] }]],
    },
    make: (chart, props) => new EdgeDaemonSet(chart, 'modem', props),
  },
  EdgeExporter: {
    options: {
      ...exporter,
      name: 'modem',
      image: 'ghcr.io/example/modem:1.4.0',
      containerName: 'modem',
      port: 9_800,
      ...{ args: container.args, command: container.command, env: container.env },
      ...{ hostNetwork: false, hostPid: false, uid: 1_000, metricsPath: '/stats', resources },
      ...{ volumes, volumeMounts: container.volumeMounts, securityContext: container.securityContext },
    },
    given: () => ({ sink: gateway() }),
    make: (chart, props) => new EdgeExporter(chart, 'modem', props),
  },
  'EdgeExporter that an agent reads': {
    options: {
      ...{ name: 'modem', image: 'nodeExporter', port: 9_800, hostNetwork: true },
      targets: [{ instance: 'plc-1', params: { target: '192.0.2.7' } }],
      metricRelabeling: [
        {
          ...{ source_labels: ['__name__', 'path'], separator: ';', regex: '(a);(.+)' },
          ...{ target_label: 'short', replacement: '$2', action: 'replace' },
        },
        { if: '{path=~"/tmp.*"}', action: 'drop' },
      ],
      slowMetrics: { names: ['modem_info'], interval: '90s' },
    },
    given: (chart) => ({ sink: new EdgeMetricsAgent(chart, 'agent', { sink: writer(), group: 'north' }) }),
    make: (chart, props) => new EdgeExporter(chart, 'modem', props),
  },
  EdgeNodeExporter: {
    options: {
      ...exporter,
      name: 'nodes',
      ...{ job: 'nodes', family: 'nodes' },
      profile,
      textfileDirectory: '/data/metrics',
      args: ['--no-collector.hwmon'],
      port: 9_100,
      resources,
    },
    given: () => ({ sink: gateway() }),
    make: (chart, props) => new EdgeNodeExporter(chart, 'nodes', props),
  },
  EdgeMetricsAgent: {
    options: {
      ...pod,
      ...agent,
      name: 'agent',
      family: 'agents',
      ...{ interval: '30s', profile, group: 'north', resources },
    },
    given: () => ({ sink: writer() }),
    make: (chart, props) => new EdgeMetricsAgent(chart, 'agent', props),
  },
  EdgeLogCollector: {
    options: { ...pod, ...logs, ...lines, name: 'lines', family: 'lines', group: 'north', resources },
    given: (chart) => ({
      sink: fromLoki(endpoint),
      agent: fluentBit(),
      metrics: new EdgeMetricsAgent(chart, 'agent', {
        sink: writer(),
        group: 'north',
        ...{ nodeSelector: pod.nodeSelector, excludedNodes: pod.excludedNodes },
      }),
    }),
    make: (chart, props) => new EdgeLogCollector(chart, 'logs', props),
  },
  'EdgeLogCollector by Promtail': {
    options: { sending: { batchSize: '512Ki', batchWait: '30s', maxBackoff: '2m', linesPerSecond: 100 } },
    given: () => ({ sink: fromLoki({ ...endpoint, groups: undefined }), agent: promtail() }),
    make: (chart, props) => new EdgeLogCollector(chart, 'logs', props),
  },
  EdgeGroup: {
    options: {
      name: 'north',
      group: 'north',
      nodeSelector: { site: 'north' },
      excludedNodes: { site: ['south'] },
      ...{ interval: '30s', instance: 'node', profile, textfileDirectory: '/data/metrics' },
      traffic: {
        series: 100,
        logs: '1Mi',
        uplinkBudget: '100Mi',
        exporters: [{ series: 10, targets: 1, interval: '1m' }],
      },
      ...{ tolerations: pod.tolerations, device, agent, logCollector: logs },
    },
    given: () => ({ metrics: writer(), logs: fromLoki(endpoint) }),
    make: (chart, props) => new EdgeGroup(chart, 'north', props),
  },
};

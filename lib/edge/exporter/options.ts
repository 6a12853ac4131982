import { env, securityContext, volumeMounts, volumes } from '../../core/container-rules';
import { image } from '../../core/image-reference';
import { images } from '../../core/images';
import { resources, texts, userId } from '../../core/kubernetes-rules';
import {
  dnsLabel,
  interval,
  labels,
  labelValue,
  metricsPath,
  oneOfRule,
  port,
  yesOrNo,
} from '../../core/option-rules';
import type { Options, OptionTable } from '../../core/option-table';
import { edgeJob } from '../../core/reserved-names';
import { relabeling, slowMetrics } from '../../core/scrape-rules';
import { listRule } from '../../core/structure-rules';
import { EDGE_POD_OPTIONS } from '../daemon-set';
import type { EdgeExporterOptions, EdgeExporterProps } from './edge-exporter';
import { exporterTargets } from './exporter-targets';

/** Validation rules and defaults of the options that all exporters share. */
export const EXPORTER_OPTIONS = {
  ...EDGE_POD_OPTIONS,
  labels: { rule: labels, default: undefined },
  sink: {
    rule: {
      allowed:
        'a Pushgateway construct, fromPushgateway({ ... }), or an EdgeMetricsAgent, which sends to any remote-write sink',
      accepts: (value) => ['pushgateway', 'scrape'].includes(Reflect.get(Object(value), 'protocol')),
    },
  },
  group: { rule: labelValue, default: undefined },
  // If the option is not set, an agent scrapes the exporter at the agent's own interval.
  interval: { rule: interval, default: undefined },
  family: { rule: dnsLabel, default: undefined },
  instance: { rule: oneOfRule('node', 'address'), default: 'node' },
  timeout: { rule: interval, default: undefined },
  job: { rule: edgeJob, default: undefined },
} satisfies OptionTable<EdgeExporterOptions>;

/** Validation rules and defaults of `EdgeExporterProps`. */
export const EDGE_EXPORTER_OPTIONS = {
  ...EXPORTER_OPTIONS,
  name: { rule: dnsLabel },
  image: {
    rule: {
      allowed: `${image.allowed}, or ${oneOfRule(...Object.keys(images)).allowed}`,
      accepts: (value) => image.accepts(value) || Object.hasOwn(images, String(value)),
    },
  },
  job: { rule: edgeJob, derive: ({ name }): string => name },
  family: { rule: dnsLabel, derive: ({ name }): string => name },
  containerName: { rule: dnsLabel, default: 'exporter' },
  command: { rule: texts, default: undefined },
  args: { rule: texts, default: undefined },
  env: { rule: env, default: undefined },
  port: { rule: port },
  metricsPath: { rule: metricsPath, default: '/metrics' },
  resources: { rule: resources, default: { cpu: '50m', memory: '32Mi', memoryLimit: '64Mi' } },
  hostNetwork: { rule: yesOrNo, default: false },
  hostPid: { rule: yesOrNo, default: false },
  uid: { rule: userId, default: undefined },
  volumes: { rule: volumes, default: [] },
  volumeMounts: { rule: volumeMounts, default: undefined },
  securityContext: { rule: securityContext, default: undefined },
  metricRelabeling: { rule: listRule(relabeling), default: undefined },
  slowMetrics: { rule: slowMetrics, default: undefined },
  targets: { rule: exporterTargets, default: undefined },
} satisfies OptionTable<EdgeExporterProps>;

/** Options of an `EdgeExporter` after all defaults have been applied. */
export type ExporterOptions = Options<EdgeExporterProps, typeof EDGE_EXPORTER_OPTIONS>;

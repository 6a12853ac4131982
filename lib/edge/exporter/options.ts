import { image } from '../../core/image-reference';
import { images } from '../../core/images';
import {
  env,
  resources,
  securityContext,
  texts,
  userId,
  volumeMounts,
  volumes,
} from '../../core/kubernetes-rules';
import {
  dnsLabel,
  interval,
  labels,
  labelValue,
  metricsPath,
  oneOf,
  port,
  yesOrNo,
} from '../../core/option-rules';
import { edgeJob } from '../../core/reserved-names';
import { relabeling } from '../../core/scrape-rules';
import { each, type RuleTable, required } from '../../core/structure-rules';
import { EDGE_POD_OPTIONS } from '../daemon-set';
import type { EdgeExporterOptions, EdgeExporterProps } from './edge-exporter';
import { exporterTargets } from './exporter-targets';

/** The options that exporters share. */
export const EXPORTER_OPTIONS: RuleTable<EdgeExporterOptions> = {
  ...EDGE_POD_OPTIONS,
  labels,
  sink: required({
    allowed:
      'a Pushgateway of this stack, fromPushgateway({ ... }), or an EdgeMetricsAgent, which sends to whatever takes remote ' +
      'write',
    accepts: (value) => ['pushgateway', 'scrape'].includes(Reflect.get(Object(value), 'protocol')),
  }),
  group: labelValue,
  interval,
  family: dnsLabel,
  instance: oneOf('node', 'address'),
  timeout: interval,
  job: edgeJob,
};

/** The options of an EdgeExporter. */
export const EDGE_EXPORTER_OPTIONS: RuleTable<EdgeExporterProps> = {
  ...EXPORTER_OPTIONS,
  name: required(dnsLabel),
  image: required({
    allowed: `${image.allowed}, or ${oneOf(...Object.keys(images)).allowed}`,
    accepts: (value) => image.accepts(value) || Object.hasOwn(images, String(value)),
  }),
  containerName: dnsLabel,
  command: texts,
  args: texts,
  env,
  port: required(port),
  metricsPath,
  resources,
  hostNetwork: yesOrNo,
  hostPid: yesOrNo,
  uid: userId,
  volumes,
  volumeMounts,
  securityContext,
  metricRelabeling: each(relabeling),
  targets: exporterTargets,
};

import { Construct } from 'constructs';
import { hostFilesystem, nodeExporterArgs } from '../../agents/node-exporter';
import type { k8s } from '../../core/k8s';
import { resources, textfileFolder, texts } from '../../core/kubernetes-rules';
import { dnsLabel, port } from '../../core/option-rules';
import { type OptionTable, optionsOf } from '../../core/option-table';
import { hostPath, type Resources } from '../../core/pods';
import { deviceOf } from '../daemon-set';
import { EdgeExporter, type EdgeExporterOptions, EXPORTER_OPTIONS } from '../exporter';
import {
  collectorArgs,
  type MetricsProfile,
  metricsProfile,
  metricsSelectionOf,
  nodeMetricsRelabeling,
} from './metrics-profile';

/** Properties for `EdgeNodeExporter`. */
export interface EdgeNodeExporterProps extends EdgeExporterOptions {
  /** Name of the DaemonSet. @default "edge-node-exporter" */
  readonly name?: string;
  /** Port on the node's loopback address. @default - that of the device, else 9100 */
  readonly port?: number;
  /** @default - as in the reference: requests: 100m CPU, 50Mi memory */
  readonly resources?: Resources;
  /** Metrics to collect and, with an EdgeMetricsAgent, to keep. @default "full" */
  readonly profile?: MetricsProfile;
  /**
   * Folder of the node for node_exporter's textfile collector, for example with the modem's signal or the
   * data quota. It is created if it does not exist.
   * @default - none
   */
  readonly textfileDirectory?: string;
  /** Additional arguments of node_exporter, such as `--no-collector.hwmon`. @default - none */
  readonly args?: readonly string[];
}

/** The options of `EdgeNodeExporter`. */
export const EDGE_NODE_EXPORTER_OPTIONS = {
  ...EXPORTER_OPTIONS,
  name: { rule: dnsLabel, default: 'edge-node-exporter' },
  job: { rule: EXPORTER_OPTIONS.job.rule, derive: () => 'node_exporter' },
  port: {
    rule: port,
    derive: ({ device }, scope) => deviceOf(scope, device).ports.nodeExporter,
  },
  resources: { rule: resources, default: { cpu: '100m', memory: '50Mi' } },
  profile: { rule: metricsProfile, default: 'full' },
  textfileDirectory: { rule: textfileFolder, default: undefined },
  args: { rule: texts, default: [] },
} satisfies OptionTable<EdgeNodeExporterProps>;

const TEXTFILE_MOUNT = '/host/textfile';

/** Runs node_exporter on each edge node, and delivers its metrics to a sink. */
export class EdgeNodeExporter extends Construct {
  /**
   * @throws InvalidOptionError when an option is invalid, or another workload on the same nodes uses the
   * port.
   */
  constructor(scope: Construct, id: string, props: EdgeNodeExporterProps) {
    super(scope, id);
    const { profile, args, textfileDirectory, ...shared } = optionsOf(
      this,
      props,
      EDGE_NODE_EXPORTER_OPTIONS,
    );
    const device = deviceOf(this, shared.device);
    const selection = metricsSelectionOf(profile);
    const host = hostFilesystem(device.sharedRootMount);
    new EdgeExporter(this, 'Default', {
      ...shared,
      image: 'nodeExporter',
      containerName: 'node-exporter',
      // Interfaces, processes and load of the host are only visible in its namespaces.
      hostNetwork: true,
      hostPid: true,
      args: [
        ...nodeExporterArgs(`127.0.0.1:${shared.port}`),
        ...collectorArgs(selection),
        ...(textfileDirectory ? [`--collector.textfile.directory=${TEXTFILE_MOUNT}`] : []),
        ...args,
      ],
      metricRelabeling: nodeMetricsRelabeling(selection),
      slowMetrics: selection.slowMetrics,
      volumes: [...host.volumes, ...(textfileDirectory ? [textfileVolume(textfileDirectory)] : [])],
      volumeMounts: [
        ...host.mounts,
        ...(textfileDirectory ? [{ name: 'textfile', mountPath: TEXTFILE_MOUNT, readOnly: true }] : []),
      ],
    });
  }
}

function textfileVolume(path: string): k8s.Volume {
  return hostPath('textfile', path, 'DirectoryOrCreate');
}

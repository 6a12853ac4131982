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
  nodeMetricsRelabeling,
  selectionOf,
} from './metrics-profile';

/** Properties for `EdgeNodeExporter`. */
export interface EdgeNodeExporterProps extends EdgeExporterOptions {
  /** Name of the DaemonSet. @default "edge-node-exporter" */
  readonly name?: string;
  /** Port on the node's loopback address. @default - that of the device, else 9100 */
  readonly port?: number;
  /** @default - as in the reference: 100m of a core, 50Mi of memory */
  readonly resources?: Resources;
  /** What is collected and, by an EdgeMetricsAgent, kept. @default "full" */
  readonly profile?: MetricsProfile;
  /**
   * A folder of the node from which metrics in text files are taken along: the modem's signal, the
   * data quota. It is made when it does not exist.
   * @default - none
   */
  readonly textfileDirectory?: string;
  /** More arguments for node_exporter, such as `--no-collector.hwmon`. @default - none */
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

/** The state of each edge node: Prometheus's node_exporter, pushed by the sidecar. */
export class EdgeNodeExporter extends Construct {
  /** @throws InvalidOptionError when an option is not allowed, or when the port is taken on the same nodes. */
  constructor(scope: Construct, id: string, props: EdgeNodeExporterProps) {
    super(scope, id);
    const { profile, args, textfileDirectory, ...shared } = optionsOf(
      this,
      props,
      EDGE_NODE_EXPORTER_OPTIONS,
    );
    const device = deviceOf(this, shared.device);
    const selection = selectionOf(profile);
    const host = hostFilesystem(device.sharedRootMount);
    new EdgeExporter(this, 'Default', {
      ...shared,
      image: 'nodeExporter',
      containerName: 'node-exporter',
      // The host's interfaces, processes and load are the host's only from inside its namespaces.
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

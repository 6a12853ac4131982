import { Construct } from 'constructs';
import { hostFilesystemVolumesAndMounts, nodeExporterArgs } from '../../agents/node-exporter';
import type { k8s } from '../../core/k8s';
import { resources, textfileFolder, texts } from '../../core/kubernetes-rules';
import { dnsLabel, port } from '../../core/option-rules';
import { type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import { hostPathVolume, type Resources } from '../../core/pods';
import { resolveDeviceProperties } from '../daemon-set';
import { EdgeExporter, type EdgeExporterOptions, EXPORTER_OPTIONS } from '../exporter';
import {
  collectorArgs,
  type MetricsProfile,
  metricsProfile,
  relabelingForProfile,
  resolveMetricsProfile,
} from './metrics-profile';

/** Properties for `EdgeNodeExporter`. */
export interface EdgeNodeExporterProps extends EdgeExporterOptions {
  /** Name of the DaemonSet. @default "edge-node-exporter" */
  readonly name?: string;
  /** Port on the node's loopback address. @default - `device.ports.nodeExporter`, or else 9100 */
  readonly port?: number;
  /** Resources of the container. @default - requests: 100m CPU, 50Mi memory; limit: 50Mi memory */
  readonly resources?: Resources;
  /**
   * Profile that selects the collectors of node_exporter and, with an `EdgeMetricsAgent`, the metrics to send.
   * @default "full"
   */
  readonly profile?: MetricsProfile;
  /**
   * Folder on the node for node_exporter's textfile collector. Your programs write metrics to it, such as the signal
   * strength of a modem or the data quota. The folder is created if it does not exist.
   * @default - the textfile collector has no folder
   */
  readonly textfileDirectory?: string;
  /** Additional arguments of node_exporter, such as `--no-collector.hwmon`. @default - no additional arguments */
  readonly args?: readonly string[];
}

/** Validation rules and defaults of `EdgeNodeExporterProps`. */
export const EDGE_NODE_EXPORTER_OPTIONS = {
  ...EXPORTER_OPTIONS,
  name: { rule: dnsLabel, default: 'edge-node-exporter' },
  job: { rule: EXPORTER_OPTIONS.job.rule, derive: () => 'node_exporter' },
  port: {
    rule: port,
    derive: ({ device }, scope) => resolveDeviceProperties(scope, device).ports.nodeExporter,
  },
  resources: { rule: resources, default: { cpu: '100m', memory: '50Mi' } },
  profile: { rule: metricsProfile, default: 'full' },
  textfileDirectory: { rule: textfileFolder, default: undefined },
  args: { rule: texts, default: [] },
} satisfies OptionTable<EdgeNodeExporterProps>;

const TEXTFILE_MOUNT = '/host/textfile';

/** Runs node_exporter on every edge node and delivers the metrics to a sink. */
export class EdgeNodeExporter extends Construct {
  /**
   * @throws InvalidOptionError when an option is invalid, or when another workload uses the same port on the same nodes.
   */
  constructor(scope: Construct, id: string, props: EdgeNodeExporterProps) {
    super(scope, id);
    const { profile, args, textfileDirectory, ...shared } = validateAndApplyDefaults(
      this,
      props,
      EDGE_NODE_EXPORTER_OPTIONS,
    );
    const device = resolveDeviceProperties(this, shared.device);
    const selection = resolveMetricsProfile(profile);
    const host = hostFilesystemVolumesAndMounts(device.sharedRootMount);
    new EdgeExporter(this, 'Default', {
      ...shared,
      image: 'nodeExporter',
      containerName: 'node-exporter',
      // Network interfaces and processes of the host are only visible in the host's namespaces.
      hostNetwork: true,
      hostPid: true,
      args: [
        ...nodeExporterArgs(`127.0.0.1:${shared.port}`),
        ...collectorArgs(selection),
        ...(textfileDirectory ? [`--collector.textfile.directory=${TEXTFILE_MOUNT}`] : []),
        ...args,
      ],
      metricRelabeling: relabelingForProfile(selection),
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
  return hostPathVolume('textfile', path, 'DirectoryOrCreate');
}

import { Construct } from 'constructs';
import { hostFilesystemVolumesAndMounts, nodeExporterArgs } from '../../agents/node-exporter';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { commonCloudOptionTable, namespaceOptionEntry } from '../../core/cloud-rules';
import { CLOUD_NODES } from '../../core/host';
import { imageVersionLabelValue } from '../../core/images';
import { Identity } from '../../core/labels';
import { port } from '../../core/option-rules';
import {
  type Options,
  type OptionTable,
  validateAndApplyDefaults,
  withFixedDefaults,
} from '../../core/option-table';
import { Platform } from '../../core/platform';
import { envFromField, type Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { CloudDaemonSet } from '../cloud-daemon-set';
import { CLOUD_NODES_ONLY, NODE_LABEL } from '../kubernetes';

/** Properties for `NodeExporter`. */
export interface NodeExporterProps {
  /**
   * Name of the Kubernetes objects. The scrape job is always `node_exporter`, as on edge nodes.
   * @default "node-exporter"
   */
  readonly name?: string;
  /** Namespace of the objects. @default - the chart's namespace, else the platform's `nodes` namespace */
  readonly namespace?: string;
  /**
   * Port of node_exporter on the node's address. @default - `nodeExporterPort` of the platform's
   * `cloudNodes`, else 9100
   */
  readonly port?: number;
  /** Resources of node_exporter. @default - requests: 50m CPU, 32Mi memory; limit: 64Mi memory */
  readonly resources?: Resources;
}

/** Validation rule and default of each option of `NodeExporter`. */
export const NODE_EXPORTER_OPTIONS = {
  ...commonCloudOptionTable('node-exporter', { cpu: '50m', memory: '32Mi', memoryLimit: '64Mi' }),
  namespace: namespaceOptionEntry('nodes'),
  port: {
    rule: port,
    derive: (_, scope) => withFixedDefaults(CLOUD_NODES, Platform.of(scope).cloudNodes).nodeExporterPort,
  },
} satisfies OptionTable<NodeExporterProps>;

type NodeExporterOptions = Options<NodeExporterProps, typeof NODE_EXPORTER_OPTIONS>;

/** A DaemonSet that runs node_exporter on each cloud node. For edge nodes, use `EdgeNodeExporter`. */
export class NodeExporter extends Construct implements ScrapeTarget {
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];

  /** @throws InvalidOptionError when an option is invalid. */
  constructor(scope: Construct, id: string, props: NodeExporterProps = {}) {
    super(scope, id);
    const options = validateAndApplyDefaults(this, props, NODE_EXPORTER_OPTIONS);
    this.createDaemonSet(options);
    this.scrapeServers = [
      { peer: { cidrs: Platform.of(this).nodeCidrs }, port: options.port, admit: () => {} },
    ];
    this.scrapeConfigs = [
      {
        // The job has the same name as on edge nodes, so that a query can cover all nodes.
        job_name: 'node_exporter',
        kubernetes_sd_configs: [{ role: 'node' }],
        relabel_configs: [
          CLOUD_NODES_ONLY,
          NODE_LABEL,
          {
            source_labels: ['__address__'],
            regex: '(.+):\\d+',
            target_label: '__address__',
            replacement: `$1:${options.port}`,
          },
        ],
      },
    ];
  }

  private createDaemonSet({ name, port: number, namespace, resources }: NodeExporterOptions): void {
    const platform = Platform.of(this);
    const image = platform.image('nodeExporter');
    const host = hostFilesystemVolumesAndMounts(platform.cloudNodes.sharedRootMount);
    new CloudDaemonSet(this, 'Default', {
      identity: new Identity(name, imageVersionLabelValue(image)),
      namespace,
      onHost: true,
      volumes: host.volumes,
      container: {
        name,
        image,
        env: [envFromField('NODE_IP', 'status.hostIP')],
        // An IPv6 address needs brackets. An IPv4 address may have brackets, too.
        args: nodeExporterArgs(`[$(NODE_IP)]:${number}`),
        ports: [{ name: 'http', containerPort: number, hostPort: number, protocol: 'TCP' }],
        resources,
        volumeMounts: host.mounts,
        ...httpProbes({ ready: '/', live: '/' }),
      },
    });
  }
}

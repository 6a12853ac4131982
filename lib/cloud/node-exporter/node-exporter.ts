import { Construct } from 'constructs';
import { hostFilesystem, nodeExporterArgs } from '../../agents/node-exporter';
import type { NetworkServer } from '../../contracts/network';
import type { ScrapeConfig, ScrapeTarget } from '../../contracts/scrape-target';
import { cloudOptions, namespaceFor } from '../../core/cloud-rules';
import { CLOUD_NODES } from '../../core/host';
import { imageVersion } from '../../core/images';
import { Identity } from '../../core/labels';
import { port } from '../../core/option-rules';
import { type Options, type OptionTable, optionsOf, withDefaults } from '../../core/option-table';
import { Platform } from '../../core/platform';
import { fromField, type Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { CloudDaemonSet } from '../cloud-daemon-set';
import { CLOUD_NODES_ONLY, NODE_LABEL } from '../kubernetes';

/** Properties for `NodeExporter`. */
export interface NodeExporterProps {
  /** Name of its objects; its job is `node_exporter`, as at the edge. @default "node-exporter" */
  readonly name?: string;
  /** Where its objects are made. @default - that of its chart, else `nodes` of the platform's */
  readonly namespace?: string;
  /** Port on the node's address. @default - that of the platform's `cloudNodes`, else 9100 */
  readonly port?: number;
  /** @default - 50m of a core, 32Mi of memory, at most 64Mi */
  readonly resources?: Resources;
}

/** The options of `NodeExporter`. */
export const NODE_EXPORTER_OPTIONS = {
  ...cloudOptions('node-exporter', { cpu: '50m', memory: '32Mi', memoryLimit: '64Mi' }),
  namespace: namespaceFor('nodes'),
  port: {
    rule: port,
    derive: (_, scope) => withDefaults(CLOUD_NODES, Platform.of(scope).cloudNodes).nodeExporterPort,
  },
} satisfies OptionTable<NodeExporterProps>;

type NodeExporterOptions = Options<NodeExporterProps, typeof NODE_EXPORTER_OPTIONS>;

/** The state of each cloud node. Those of the edge have an EdgeNodeExporter. */
export class NodeExporter extends Construct implements ScrapeTarget {
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly scrapeServers: readonly NetworkServer[];

  /** @throws InvalidOptionError when an option is not allowed. */
  constructor(scope: Construct, id: string, props: NodeExporterProps = {}) {
    super(scope, id);
    const options = optionsOf(this, props, NODE_EXPORTER_OPTIONS);
    this.makeDaemonSet(options);
    this.scrapeServers = [
      { peer: { cidrs: Platform.of(this).nodeCidrs }, port: options.port, admit: () => {} },
    ];
    this.scrapeConfigs = [
      {
        // The same job as at the edge: one query for all nodes.
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

  private makeDaemonSet({ name, port: number, namespace, resources }: NodeExporterOptions): void {
    const platform = Platform.of(this);
    const image = platform.image('nodeExporter');
    const host = hostFilesystem(platform.cloudNodes.sharedRootMount);
    new CloudDaemonSet(this, 'Default', {
      identity: new Identity(name, imageVersion(image)),
      namespace,
      onHost: true,
      volumes: host.volumes,
      container: {
        name,
        image,
        env: [fromField('NODE_IP', 'status.hostIP')],
        // In brackets, as addresses of IPv6 have to be, and those of IPv4 may.
        args: nodeExporterArgs(`[$(NODE_IP)]:${number}`),
        ports: [{ name: 'http', containerPort: number, hostPort: number, protocol: 'TCP' }],
        resources,
        volumeMounts: host.mounts,
        ...httpProbes({ ready: '/', live: '/' }),
      },
    });
  }
}

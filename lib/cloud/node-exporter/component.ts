import type { CloudComponent } from '../cloud-component';
import { NodeExporter } from './node-exporter';

/** The component `node-exporter` of an environment, which runs node_exporter on each cloud node. */
export const cloudNodeExporterComponent: CloudComponent = {
  make: (scope) => [new NodeExporter(scope, 'node-exporter')],
};

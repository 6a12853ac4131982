import type { CloudComponent } from '../cloud-component';
import { NodeExporter } from './node-exporter';

/** node_exporter of cloud nodes, as an environment knows it. */
export const cloudNodeExporterComponent: CloudComponent = {
  make: (scope) => [new NodeExporter(scope, 'node-exporter')],
};

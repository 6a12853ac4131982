import type { CloudComponent } from '../cloud-component';
import { NodeExporter } from './node-exporter';

/** node_exporter of cloud nodes as a component of an environment. */
export const cloudNodeExporterComponent: CloudComponent = {
  make: (scope) => [new NodeExporter(scope, 'node-exporter')],
};

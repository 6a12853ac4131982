import { CERTIFIED_GROUP_HEADER, CERTIFIED_NODE_HEADER } from '../../contracts/endpoint';
import type { ConfigFolder } from '../../core/cloud-workload-options';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { LARGEST_PUSH, LOKI_PORTS } from './layout';
import program from './node-filter/main.mjs?bundle';

/** Name of the node filter's container, of the container's port, and of the volume with the program. */
export const NODE_FILTER = 'node-filter';

/** Port of the node filter, to which the guard (nginx behind the ingress) forwards pushes. */
export const NODE_FILTER_PORT = 3101;

/** Volume with the program of the node filter. */
export const NODE_FILTER_FOLDER: ConfigFolder = { name: NODE_FILTER, files: () => ({ 'main.mjs': program }) };

const PROGRAM_DIR = '/opt/node-filter';

/**
 * Returns the sidecar container of the node filter. The node filter receives pushes for Loki, and sets the label `node`
 * of all pushed log lines to the node name in the client's certificate.
 * @param image image with Node.js
 */
export function nodeFilterContainer(image: string): ContainerSpec {
  const variables = {
    LISTEN_PORT: `${NODE_FILTER_PORT}`,
    LOKI_PORT: `${LOKI_PORTS.http}`,
    LARGEST_PUSH: `${LARGEST_PUSH}`,
    NODE_HEADER: CERTIFIED_NODE_HEADER,
    GROUP_HEADER: CERTIFIED_GROUP_HEADER,
  };
  return {
    name: NODE_FILTER,
    image,
    command: ['node', '--max-old-space-size=160', '--max-semi-space-size=2', `${PROGRAM_DIR}/main.mjs`],
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    ports: [{ name: NODE_FILTER, containerPort: NODE_FILTER_PORT, protocol: 'TCP' }],
    resources: { cpu: '20m', memory: '64Mi', memoryLimit: '320Mi' },
    volumeMounts: [{ name: NODE_FILTER, mountPath: PROGRAM_DIR, readOnly: true }],
    ...httpProbes({ ready: '/ready', readyPort: NODE_FILTER, live: '/ready', livePort: NODE_FILTER }),
  };
}

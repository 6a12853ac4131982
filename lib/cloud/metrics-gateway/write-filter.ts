import type { Files } from '../../core/config-files';
import type { k8s } from '../../core/k8s';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import type { Cpu } from '../../core/units';
import type { FilteredStore, StoreFilter } from './filters';
import program from './write-filter/main.mjs?bundle';

/** Properties for `writeFilter`. */
export interface WriteFilterProps extends StoreFilter {
  readonly image: string;
  /** CPU request. */
  readonly cpu: Cpu;
  readonly store: FilteredStore;
  /** Folder of the program. */
  readonly programDir: string;
  /** Folder with the files `username` and `password` for the store. @default - no authentication */
  readonly credentialsDir?: string;
  /** File with the CA certificate that verifies the store. @default - the public CA certificates */
  readonly caFile?: string;
  /** Additional volume mounts. @default - none */
  readonly volumeMounts?: readonly k8s.VolumeMount[];
}

/** Files of the filter's program. */
export const WRITE_FILTER_FILES: Files = { 'main.mjs': program };

/**
 * Returns the container between a vmagent, whose requests mix samples of many nodes, and a Prometheus that
 * rejects a whole request because of one sample. It retries the valid samples of a rejected request, and
 * counts the others by node.
 */
export function writeFilterContainer(props: WriteFilterProps): ContainerSpec {
  const { store, credentialsDir, caFile } = props;
  const variables = {
    TARGET_URL: props.storeUrl,
    LISTEN_PORT: `${props.port}`,
    METRICS_PORT: `${props.metricsPort}`,
    OUT_OF_ORDER_SECONDS: `${store.outOfOrderSeconds}`,
    HEADERS: JSON.stringify(store.headers ?? {}),
    ...(credentialsDir && { CREDENTIALS_DIR: credentialsDir }),
    ...(caFile && { NODE_EXTRA_CA_CERTS: caFile }),
  };
  return {
    name: props.name,
    image: props.image,
    command: ['node', '--max-old-space-size=96', `${props.programDir}/main.mjs`],
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    ports: [{ name: props.portName, containerPort: props.metricsPort, protocol: 'TCP' }],
    resources: { cpu: props.cpu, memory: '64Mi', memoryLimit: '256Mi' },
    volumeMounts: [...(props.volumeMounts ?? [])],
    ...httpProbes({
      ready: '/metrics',
      readyPort: props.portName,
      live: '/metrics',
      livePort: props.portName,
    }),
  };
}

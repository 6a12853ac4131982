import type { Files } from '../../core/config-files';
import type { k8s } from '../../core/k8s';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import type { Cpu } from '../../core/units';
import type { FilteredStore, GatewayWriteFilter } from './filters';
import program from './write-filter/main.mjs?bundle';

/** Properties for `writeFilterContainer`. */
export interface WriteFilterProps extends GatewayWriteFilter {
  readonly image: string;
  /** CPU request of the container. */
  readonly cpu: Cpu;
  readonly store: FilteredStore;
  /** Mount path of the write filter's program. */
  readonly programDir: string;
  /**
   * Folder with the files `username` and `password` with which the filter authenticates to the store.
   * @default - no authentication
   */
  readonly credentialsDir?: string;
  /** Path of the file with the private CA certificate of the store. @default - the filter trusts only public CAs */
  readonly caFile?: string;
  /** Volume mounts of the container. @default - no volumes are mounted */
  readonly volumeMounts?: readonly k8s.VolumeMount[];
}

/** Content of the volume with the write filter's program. */
export const WRITE_FILTER_FILES: Files = { 'main.mjs': program };

/**
 * Returns the container of a write filter, between vmagent and a Prometheus. A request of vmagent contains samples of
 * many nodes, and Prometheus rejects the whole request if one sample is invalid. The write filter then sends the valid
 * samples again, and counts the invalid samples by node.
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

import type { RemoteWriteStore } from '../../contracts/remote-write-store';
import type { Files } from '../../core/config-files';
import type { k8s } from '../../core/k8s';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import type { Cpu } from '../../core/units';
import program from './write-filter/main.mjs?bundle';

/** Properties for `writeFilter`. */
export interface WriteFilterProps {
  readonly image: string;
  /** Requested processor time. */
  readonly cpu: Cpu;
  readonly store: RemoteWriteStore & { readonly outOfOrderSeconds: number };
  /** Port on the pod's loopback address that the writer beside it writes to. */
  readonly port: number;
  readonly metricsPort: number;
  /** Folder of its program. */
  readonly programDir: string;
  /** Folder with `username` and `password` for the store. @default - it asks for none */
  readonly credentialsDir?: string;
  /** @default - public authorities */
  readonly caFile?: string;
  /** @default - none */
  readonly volumeMounts?: readonly k8s.VolumeMount[];
}

/** The filter's program. */
export const WRITE_FILTER_FILES: Files = { 'main.mjs': program };

/**
 * The container between a vmagent that mixes the samples of many nodes and a Prometheus that refuses a whole request
 * for one of them: it has the good part of a refused request stored, and counts the rest by node.
 */
export function writeFilter(props: WriteFilterProps): ContainerSpec {
  const { store, credentialsDir, caFile } = props;
  const variables = {
    TARGET_URL: store.writeUrl,
    LISTEN_PORT: `${props.port}`,
    METRICS_PORT: `${props.metricsPort}`,
    OUT_OF_ORDER_SECONDS: `${store.outOfOrderSeconds}`,
    HEADERS: JSON.stringify(store.headers ?? {}),
    ...(credentialsDir && { CREDENTIALS_DIR: credentialsDir }),
    ...(caFile && { NODE_EXTRA_CA_CERTS: caFile }),
  };
  return {
    name: 'write-filter',
    image: props.image,
    command: ['node', '--max-old-space-size=96', `${props.programDir}/main.mjs`],
    env: Object.entries(variables).map(([name, value]) => ({ name, value })),
    ports: [{ name: 'filter', containerPort: props.metricsPort, protocol: 'TCP' }],
    resources: { cpu: props.cpu, memory: '64Mi', memoryLimit: '256Mi' },
    volumeMounts: [...(props.volumeMounts ?? [])],
    ...httpProbes({ ready: '/metrics', readyPort: 'filter', live: '/metrics', livePort: 'filter' }),
  };
}

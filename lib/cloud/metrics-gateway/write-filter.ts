import type { RemoteWriteStore } from '../../contracts/remote-write-store';
import type { Files } from '../../core/config-files';
import type { k8s } from '../../core/k8s';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import type { Cpu } from '../../core/units';
import credentials from '../../filters/credentials.mjs';
import forgetting from '../../filters/forgetting.mjs';
import metrics from '../../filters/metrics.mjs';
import protobuf from '../../filters/protobuf.mjs';
import remoteWrite2 from '../../filters/remote-write-2.mjs';
import remoteWriteClient from '../../filters/remote-write-client.mjs';
import server from '../../filters/server.mjs';
import snappy from '../../filters/snappy.mjs';
import upstream from '../../filters/upstream.mjs';
import main from '../../filters/write-filter.mjs';
import writeHalves from '../../filters/write-halves.mjs';
import writeRefusals from '../../filters/write-refusals.mjs';
import writeRequest from '../../filters/write-request.mjs';

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

/** The filter's program: plain modules without packages, since a ConfigMap is all that ships it. */
export const WRITE_FILTER_FILES: Files = {
  'credentials.mjs': credentials,
  'forgetting.mjs': forgetting,
  'main.mjs': main,
  'metrics.mjs': metrics,
  'protobuf.mjs': protobuf,
  'remote-write-2.mjs': remoteWrite2,
  'remote-write-client.mjs': remoteWriteClient,
  'server.mjs': server,
  'snappy.mjs': snappy,
  'upstream.mjs': upstream,
  'write-halves.mjs': writeHalves,
  'write-refusals.mjs': writeRefusals,
  'write-request.mjs': writeRequest,
};

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

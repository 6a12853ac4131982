import { k8s } from './k8s';

/** Health endpoints of a component. */
export interface ProbePaths {
  readonly ready: string;
  /**
   * Container port of the readiness endpoint; a number if another container listens on it.
   * @default "http"
   */
  readonly readyPort?: string | number;
  /**
   * Path of the liveness endpoint. It must only depend on the program itself, since a restart does not repair
   * an API server or a store.
   */
  readonly live: string;
  /** Port of the liveness endpoint. @default "http" */
  readonly livePort?: string | number;
  /** Maximum startup time in seconds. @default - the patience of the liveness probe */
  readonly startSeconds?: number;
}

type Probes = Pick<k8s.Container, 'readinessProbe' | 'livenessProbe' | 'startupProbe'>;

/** Returns HTTP probes of a container. */
export function httpProbes({
  ready,
  readyPort = 'http',
  live,
  livePort = 'http',
  startSeconds,
}: ProbePaths): Probes {
  return {
    readinessProbe: {
      ...httpGetProbe(ready, readyPort),
      periodSeconds: 10,
      timeoutSeconds: 3,
      failureThreshold: 3,
    },
    livenessProbe: {
      ...httpGetProbe(live, livePort),
      periodSeconds: 10,
      timeoutSeconds: 5,
      failureThreshold: 6,
    },
    ...(startSeconds && {
      startupProbe: {
        ...httpGetProbe(ready, readyPort),
        periodSeconds: 10,
        timeoutSeconds: 3,
        failureThreshold: Math.ceil(startSeconds / 10),
      },
    }),
  };
}

function httpGetProbe(path: string, port: string | number): Pick<k8s.Probe, 'httpGet'> {
  const { fromNumber, fromString } = k8s.IntOrString;
  return {
    httpGet: { path, port: typeof port === 'number' ? fromNumber(port) : fromString(port), scheme: 'HTTP' },
  };
}

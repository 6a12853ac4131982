import { k8s } from './k8s';

/** Health endpoints of a component. */
export interface ProbePaths {
  /** Path of the readiness endpoint. */
  readonly ready: string;
  /**
   * Container port of the readiness endpoint: the name of the port, or its number if the port belongs to another
   * container of the pod.
   * @default "http"
   */
  readonly readyPort?: string | number;
  /**
   * Path of the liveness endpoint. The response must only depend on the program itself, because a restart does not
   * repair the API server or a store.
   */
  readonly live: string;
  /** Container port of the liveness endpoint. @default "http" */
  readonly livePort?: string | number;
  /**
   * Maximum startup time in seconds.
   * @default - no startup probe; the liveness probe restarts a container after 60 seconds
   */
  readonly startSeconds?: number;
}

type Probes = Pick<k8s.Container, 'readinessProbe' | 'livenessProbe' | 'startupProbe'>;

/** Returns the readiness, liveness and startup probes of a container, over HTTP. */
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

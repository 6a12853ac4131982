import { k8s } from './k8s';

/** Paths by which a component says how it is. */
export interface ProbePaths {
  readonly ready: string;
  /** Name of the container's port that knows whether it is ready; a number where another container listens. @default "http" */
  readonly readyPort?: string | number;
  /**
   * Says that the program itself answers, whatever others do: a restart mends nothing that an API server or
   * a store is to blame for.
   */
  readonly live: string;
  /** Name or number of the port that says so. @default "http" */
  readonly livePort?: string | number;
  /** Seconds that it may take to start. @default - as long as the liveness probe is patient */
  readonly startSeconds?: number;
}

type Probes = Pick<k8s.Container, 'readinessProbe' | 'livenessProbe' | 'startupProbe'>;

/** Probes over a container's port `http`. */
export function httpProbes({
  ready,
  readyPort = 'http',
  live,
  livePort = 'http',
  startSeconds,
}: ProbePaths): Probes {
  return {
    readinessProbe: { ...get(ready, readyPort), periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 },
    livenessProbe: { ...get(live, livePort), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    ...(startSeconds && {
      startupProbe: {
        ...get(ready, readyPort),
        periodSeconds: 10,
        timeoutSeconds: 3,
        failureThreshold: Math.ceil(startSeconds / 10),
      },
    }),
  };
}

function get(path: string, port: string | number): Pick<k8s.Probe, 'httpGet'> {
  const { fromNumber, fromString } = k8s.IntOrString;
  return {
    httpGet: { path, port: typeof port === 'number' ? fromNumber(port) : fromString(port), scheme: 'HTTP' },
  };
}

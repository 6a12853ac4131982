import * as k8s from 'cdk8s-plus-25/lib/imports/k8s';

/** Paths by which a component says how it is. */
export interface ProbePaths {
  readonly ready: string;
  readonly live: string;
  /** Seconds that it may take to start. @default - as long as the liveness probe is patient */
  readonly startSeconds?: number;
}

type Probes = Pick<k8s.Container, 'readinessProbe' | 'livenessProbe' | 'startupProbe'>;

/** Probes over a container's port, by default the one named `http`. */
export function httpProbes({ ready, live, startSeconds }: ProbePaths, port = 'http'): Probes {
  return {
    readinessProbe: { ...get(ready, port), periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 },
    livenessProbe: { ...get(live, port), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
    ...(startSeconds && {
      startupProbe: {
        ...get(ready, port),
        periodSeconds: 10,
        timeoutSeconds: 3,
        failureThreshold: Math.ceil(startSeconds / 10),
      },
    }),
  };
}

function get(path: string, port: string): Pick<k8s.Probe, 'httpGet'> {
  return { httpGet: { path, port: k8s.IntOrString.fromString(port), scheme: 'HTTP' } };
}

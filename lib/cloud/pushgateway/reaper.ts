import { Construct } from 'constructs';
import { CloudWorkload } from '../../core/cloud-workload';
import type { k8s } from '../../core/k8s';
import { type Duration, toSeconds } from '../../core/units';
import { REAPER_OPTIONS, type ReaperOptions } from './options';
import program from './reaper/main.mjs?bundle';
import type { Shard } from './shard';

/** Properties for `PushgatewayReaper`. */
export interface PushgatewayReaperProps extends ReaperOptions {
  readonly name: string;
  readonly namespace: string;
  readonly shards: readonly Shard[];
}

const PROGRAM_DIR = '/opt/reaper';
const ALIVE_FILE = '/tmp/alive';

/**
 * A program that deletes stale metric groups from all shards of a Pushgateway. A copy of a metric group is stale if the
 * node pushes to another shard now. If `after` is set, metric groups that are no longer pushed are stale, too.
 */
export class PushgatewayReaper extends Construct {
  constructor(scope: Construct, id: string, props: PushgatewayReaperProps) {
    super(scope, id);
    const interval = props.interval ?? (props.shards.length > 1 ? '1m' : '5m');
    const workload = new CloudWorkload(this, 'Default', {
      name: props.name,
      namespace: props.namespace,
      image: 'node',
      uid: 65_534,
      ports: {},
      config: [{ name: 'program', mountPath: PROGRAM_DIR, files: () => ({ 'main.mjs': program }) }],
      container: {
        command: ['node', '--max-old-space-size=64', `${PROGRAM_DIR}/main.mjs`],
        env: reaperEnvVariables(props, interval),
        // Measured memory: 23 MiB for 50 groups, 67 MiB for eight shards with 1,600 groups, plus 42 MiB for
        // the binary of Node.js.
        resources: { cpu: '10m', memory: '64Mi', memoryLimit: '128Mi' },
        ...reaperContainerProbes(interval),
      },
    });
    for (const shard of props.shards) {
      for (const port of ['http', 'filter'])
        workload.network.allowConnectionTo(shard.workload.serverForNetworkPolicies(port));
    }
  }
}

function reaperEnvVariables(props: PushgatewayReaperProps, interval: Duration): k8s.EnvVar[] {
  const addresses = props.shards.map(({ workload, routePrefix }) => ({
    url: `http://${workload.serviceAddress('http')}${routePrefix}`,
    list: `http://${workload.serviceAddress('filter')}/groups`,
  }));
  const variables = {
    SHARDS: JSON.stringify(addresses),
    ...(props.after && { MAX_AGE_SECONDS: String(toSeconds(props.after)) }),
    SETTLING_SECONDS: String(toSeconds(props.settling ?? REAPER_OPTIONS.settling.default)),
    INTERVAL_SECONDS: String(toSeconds(interval)),
    ALIVE_FILE,
  };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

/**
 * Returns the probes of the reaper. The reaper listens on no port. Instead, it updates a file after each
 * check of all shards, and the probes test the age of this file.
 */
function reaperContainerProbes(interval: Duration): Pick<k8s.Container, 'readinessProbe' | 'livenessProbe'> {
  const minutes = Math.ceil((3 * toSeconds(interval)) / 60) + 5;
  const recent = ['/bin/sh', '-c', `[ -n "$(find ${ALIVE_FILE} -mmin -${minutes})" ]`];
  return {
    readinessProbe: { exec: { command: ['test', '-e', ALIVE_FILE] }, periodSeconds: 10, timeoutSeconds: 3 },
    livenessProbe: {
      exec: { command: recent },
      initialDelaySeconds: minutes * 60,
      periodSeconds: 60,
      timeoutSeconds: 5,
    },
  };
}

import { Construct } from 'constructs';
import { CloudWorkload } from '../core/cloud-workload';
import type { k8s } from '../core/k8s';
import { interval as intervalRule, lasting } from '../core/option-rules';
import { type Duration, seconds } from '../core/units';
import { verify } from '../core/validation';
import type { ReaperOptions } from './pushgateway-options';
import script from './pushgateway-reaper.sh';
import type { Shard } from './pushgateway-shard';

/** What a PushgatewayReaper is made of. */
export interface PushgatewayReaperProps extends ReaperOptions {
  readonly name: string;
  readonly namespace: string;
  readonly shards: readonly Shard[];
}

const SCRIPT_DIR = '/opt/reaper';
const SCRATCH_DIR = '/tmp';
const ALIVE = `${SCRATCH_DIR}/alive`;

/** Deletes groups that nobody pushes any more: nodes that are gone, and what they left in other shards. */
export class PushgatewayReaper extends Construct {
  /** @throws InvalidOptionError when a time is not allowed. */
  constructor(scope: Construct, id: string, props: PushgatewayReaperProps) {
    super(scope, id);
    verify(this, {
      'reaper.after': [props.after, lasting('5m', '10y', '1d')],
      'reaper.settling': [props.settling, lasting('1s', '1d', '10m')],
      'reaper.interval': [props.interval, intervalRule],
    });
    const interval = props.interval ?? (props.shards.length > 1 ? '1m' : '5m');
    const workload = new CloudWorkload(this, 'Default', {
      name: props.name,
      namespace: props.namespace,
      image: 'curl',
      uid: 100,
      ports: {},
      config: [{ name: 'script', mountPath: SCRIPT_DIR, files: () => ({ 'reap.sh': script }) }],
      container: {
        command: ['/bin/sh', `${SCRIPT_DIR}/reap.sh`],
        env: environment(props, interval),
        resources: { cpu: '10m', memory: '16Mi', memoryLimit: '32Mi' },
        ...probes(interval),
      },
    });
    for (const shard of props.shards) workload.network.connect(shard.workload.server('http'));
  }
}

function environment(props: PushgatewayReaperProps, interval: Duration): k8s.EnvVar[] {
  const addresses = props.shards.map(
    ({ workload, routePrefix }) => `http://${workload.address('http')}${routePrefix}`,
  );
  const variables = {
    SHARD_URLS: addresses.join(' '),
    ...(props.after && { MAX_AGE_SECONDS: String(seconds(props.after)) }),
    SETTLING_SECONDS: String(seconds(props.settling ?? '10m')),
    INTERVAL_SECONDS: String(seconds(interval)),
    SCRATCH_DIR,
  };
  return Object.entries(variables).map(([name, value]) => ({ name, value }));
}

/** It listens on no port: a file is as old as its last look at all shards. */
function probes(interval: Duration): Pick<k8s.Container, 'readinessProbe' | 'livenessProbe'> {
  const minutes = Math.ceil((3 * seconds(interval)) / 60) + 5;
  const recent = ['/bin/sh', '-c', `[ -n "$(find ${ALIVE} -mmin -${minutes})" ]`];
  return {
    readinessProbe: { exec: { command: ['test', '-e', ALIVE] }, periodSeconds: 10, timeoutSeconds: 3 },
    livenessProbe: {
      exec: { command: recent },
      initialDelaySeconds: minutes * 60,
      periodSeconds: 60,
      timeoutSeconds: 5,
    },
  };
}

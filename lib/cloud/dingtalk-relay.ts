import { mountOfSecret } from '../core/cloud-workload';
import type { ContainerSpec } from '../core/pods';
import { httpProbes } from '../core/probes';
import program from './dingtalk-relay/main.mjs';
import { RECEIVERS_DIR, type Receiver } from './receivers';

/** A robot of DingTalk, as a receiver names it. */
export interface DingTalkConfig {
  /** File that holds its address, with the token. */
  readonly url_file: string;
  /** File that holds the key with which messages are signed. @default - the robot asks for none */
  readonly secret_file?: string;
  /** A word that the robot asks for. @default - none */
  readonly keyword?: string;
}

export const RELAY_PORT = 8060;
const PROGRAM_DIR = '/opt/dingtalk-relay';

/** Name of the folder that holds the relay's program. */
export const RELAY_VOLUME = 'dingtalk-relay';

/** The relay's program: a plain module without packages, since a ConfigMap is all that ships it. */
export const RELAY_FILES = { 'main.mjs': program };

const robotOf = ({ dingtalk_configs = [] }: Receiver): DingTalkConfig | undefined =>
  dingtalk_configs[0] as DingTalkConfig | undefined;

/** Whether some receiver is a robot of DingTalk, which Alertmanager does not know (alertmanager#2420). */
export const needsRelay = (receivers: readonly Receiver[] = []): boolean =>
  receivers.some((receiver) => robotOf(receiver));

/** A receiver as Alertmanager reads it: robots are reached through the relay beside it. */
export function throughRelay(receiver: Receiver): Receiver {
  if (!robotOf(receiver)) return receiver;
  const { dingtalk_configs: _, ...others } = receiver;
  const url = `http://127.0.0.1:${RELAY_PORT}/${encodeURIComponent(receiver.name)}`;
  return { ...others, name: receiver.name, webhook_configs: [...(receiver.webhook_configs ?? []), { url }] };
}

/** The container that tells robots: their messages are signed anew each, and they hide refusals in answers of 200. */
export function dingTalkRelay(receivers: readonly Receiver[], image: string): ContainerSpec {
  const robots = receivers.flatMap((receiver) => {
    const robot = robotOf(receiver);
    return robot
      ? [
          [
            receiver.name,
            { addressFile: robot.url_file, secretFile: robot.secret_file, keyword: robot.keyword },
          ],
        ]
      : [];
  });
  return {
    name: 'dingtalk-relay',
    image,
    command: ['node', '--max-old-space-size=48', `${PROGRAM_DIR}/main.mjs`],
    env: [
      { name: 'LISTEN_PORT', value: `${RELAY_PORT}` },
      { name: 'ROBOTS', value: JSON.stringify(Object.fromEntries(robots)) },
    ],
    resources: { cpu: '10m', memory: '48Mi', memoryLimit: '128Mi' },
    ports: [{ name: 'relay', containerPort: RELAY_PORT, protocol: 'TCP' }],
    ...httpProbes({ ready: '/-/healthy', readyPort: 'relay', live: '/-/healthy', livePort: 'relay' }),
    volumeMounts: [
      { name: RELAY_VOLUME, mountPath: PROGRAM_DIR, readOnly: true },
      mountOfSecret(RECEIVERS_DIR),
    ],
  };
}

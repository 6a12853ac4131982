import { secretMount } from '../../core/cloud-pod';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { RECEIVERS_DIR, type Receiver } from './receivers';
import program from './robot-relay/main.mjs?bundle';

/** Configuration of a chat robot in a receiver. */
export interface RobotConfig {
  /** Path of the file with the robot's URL. For WeCom, a file with just the robot's key is also allowed. */
  readonly url_file: string;
  /** Path of the file with the signing key, for DingTalk. @default - messages are not signed */
  readonly secret_file?: string;
  /** Keyword that the DingTalk robot requires in every message. @default - no keyword is added to messages */
  readonly keyword?: string;
}

interface Robot extends RobotConfig {
  /** Path of this robot in URLs of the relay, before percent-encoding, such as `dingtalk 0 on-call`. */
  readonly path: string;
  readonly dialect: string;
}

/** Port of the robot relay in Alertmanager's pod. Alertmanager connects to this port on the loopback address. */
export const RELAY_PORT = 8060;
const PROGRAM_DIR = '/opt/robot-relay';

/** Name of the volume with the program of the robot relay. */
export const RELAY_VOLUME = 'robot-relay';

/** Content of the volume `RELAY_VOLUME`: the program of the robot relay. */
export const RELAY_FILES = { 'main.mjs': program };

/**
 * Integrations that the robot relay supports in addition to Alertmanager's own integrations. The key is the field of a
 * receiver, the value the name of the message format in the relay.
 */
export const ROBOTS = { dingtalk_configs: 'dingtalk', wecom_robot_configs: 'wecom' } as const;

const kinds = Object.keys(ROBOTS) as (keyof typeof ROBOTS)[];

const isChatRobotConfig = (config: object): config is RobotConfig => 'url_file' in config;

/** Returns the chat robots of one kind in a receiver; an empty list if the receiver has no such robots. */
function chatRobotConfigsOfReceiver(receiver: Receiver, kind: keyof typeof ROBOTS): RobotConfig[] {
  const configs: readonly object[] = receiver[kind] ?? [];
  return configs.filter(isChatRobotConfig);
}

/** Returns all chat robots of a receiver, with the message format and the URL path of each. */
const listChatRobotsOfReceiver = (receiver: Receiver): Robot[] =>
  kinds.flatMap((kind) =>
    chatRobotConfigsOfReceiver(receiver, kind).map(({ url_file, secret_file, keyword }, index) => ({
      ...{ url_file, secret_file, keyword },
      dialect: ROBOTS[kind],
      path: `${ROBOTS[kind]} ${index} ${receiver.name}`,
    })),
  );

/**
 * Returns whether one of the receivers sends to a chat robot. If so, Alertmanager's pod needs the robot relay, because
 * Alertmanager does not support chat robots (prometheus/alertmanager#2420).
 */
export const needsRobotRelay = (receivers: readonly Receiver[] = []): boolean =>
  receivers.some((receiver) => listChatRobotsOfReceiver(receiver).length > 0);

/**
 * Returns a receiver that Alertmanager understands: each chat robot is replaced by a webhook of the robot relay. A
 * receiver without chat robots is returned unchanged.
 */
export function replaceRobotsWithWebhooks(receiver: Receiver): object {
  const robots = listChatRobotsOfReceiver(receiver);
  if (robots.length === 0) return receiver;
  const others = Object.entries(receiver).filter(([field]) => !kinds.some((kind) => kind === field));
  const webhooks = robots.map(({ path }) => ({
    url: `http://127.0.0.1:${RELAY_PORT}/${encodeURIComponent(path)}`,
  }));
  return {
    ...Object.fromEntries(others),
    name: receiver.name,
    webhook_configs: [...(receiver.webhook_configs ?? []), ...webhooks],
  };
}

/**
 * Returns the sidecar container that receives notifications from Alertmanager and sends them to chat robots.
 * Alertmanager itself supports neither the message format of robots nor their errors with status 200.
 */
export function robotRelayContainer(receivers: readonly Receiver[], image: string): ContainerSpec {
  const robots = receivers
    .flatMap(listChatRobotsOfReceiver)
    .map(({ path, dialect, url_file: addressFile, secret_file: secretFile, keyword }) => [
      path,
      { dialect, addressFile, secretFile, keyword },
    ]);
  return {
    name: 'robot-relay',
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
      secretMount(RECEIVERS_DIR),
    ],
  };
}

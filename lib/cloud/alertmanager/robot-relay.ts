import { mountOfSecret } from '../../core/cloud-pod';
import type { ContainerSpec } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { RECEIVERS_DIR, type Receiver } from './receivers';
import program from './robot-relay/main.mjs?bundle';

/** A robot in a group of a messenger, as a receiver names it. */
export interface RobotConfig {
  /** File that holds its address; of WeCom, its key is enough. */
  readonly url_file: string;
  /** File that holds the key with which messages to DingTalk are signed. @default - the robot asks for none */
  readonly secret_file?: string;
  /** A word that the robot of DingTalk asks for. @default - none */
  readonly keyword?: string;
}

interface Robot extends RobotConfig {
  /** The path by which Alertmanager reaches it. */
  readonly path: string;
  readonly dialect: string;
}

export const RELAY_PORT = 8060;
const PROGRAM_DIR = '/opt/robot-relay';

/** Name of the folder that holds the relay's program. */
export const RELAY_VOLUME = 'robot-relay';

/** The relay's program. */
export const RELAY_FILES = { 'main.mjs': program };

/** Integrations that Alertmanager does not know, and how the relay calls them. */
export const ROBOTS = { dingtalk_configs: 'dingtalk', wecom_robot_configs: 'wecom' } as const;

const kinds = Object.keys(ROBOTS) as (keyof typeof ROBOTS)[];

const isRobot = (config: object): config is RobotConfig => 'url_file' in config;

function configsOf(receiver: Receiver, kind: keyof typeof ROBOTS): RobotConfig[] {
  const configs: readonly object[] = receiver[kind] ?? [];
  return configs.filter(isRobot);
}

const robotsOf = (receiver: Receiver): Robot[] =>
  kinds.flatMap((kind) =>
    configsOf(receiver, kind).map(({ url_file, secret_file, keyword }, index) => ({
      ...{ url_file, secret_file, keyword },
      dialect: ROBOTS[kind],
      path: `${ROBOTS[kind]} ${index} ${receiver.name}`,
    })),
  );

/** Whether some receiver is a robot, which Alertmanager does not know (alertmanager#2420). */
export const needsRelay = (receivers: readonly Receiver[] = []): boolean =>
  receivers.some((receiver) => robotsOf(receiver).length > 0);

/** A receiver as Alertmanager reads it: robots are reached through the relay beside it. */
export function throughRelay(receiver: Receiver): object {
  const robots = robotsOf(receiver);
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

/** The container that tells robots: Alertmanager knows neither their messages nor refusals in answers of 200. */
export function robotRelay(receivers: readonly Receiver[], image: string): ContainerSpec {
  const robots = receivers
    .flatMap(robotsOf)
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
      mountOfSecret(RECEIVERS_DIR),
    ],
  };
}

import type { Construct } from 'constructs';
import { LOG_AGENT_PORT } from '../../agents/log-agent';
import { PUSH_PORT, VMAGENT_PORT } from '../../agents/vmagent';
import { omitUndefined } from '../../core/defined';
import { HOST_OPTIONS, type Host, NODE_EXPORTER_PORT } from '../../core/host';
import type { k8s } from '../../core/k8s';
import { absolutePath, listOf, matches, port } from '../../core/option-rules';
import { type Options, type OptionTable, optionsRule, withDefaults } from '../../core/option-table';
import { hostPath } from '../../core/pods';
import { falseOr } from '../../core/structure-rules';
import { verify } from '../../core/validation';
import { type HttpProxy, httpProxy } from './http-proxy';

/** Ports of an edge node that programs of the stack listen on: on the loopback address, except for pushes of pods. */
export interface DevicePorts {
  /** Port of node_exporter. @default 9100 */
  readonly nodeExporter?: number;
  /** Port of the metrics agent's HTTP server. @default 8429 */
  readonly metricsAgent?: number;
  /** Port of the metrics agent for pushes of the node's services. @default 9091 */
  readonly metricsPushes?: number;
  /** Port of the log collector's HTTP server. @default 12345 */
  readonly logCollector?: number;
}

/**
 * Properties of edge devices that differ from Debian with systemd. The properties of a group override those
 * of all devices, option by option.
 */
export interface Device extends Host {
  /**
   * Folder of the device that survives restarts and updates. It holds queues and read positions of log files.
   * @default "/var/lib/edge-observability"
   */
  readonly stateDirectory?: string;
  /**
   * Mount points that are read-only by design, such as `/` of an A/B image. They are excluded from the alerts
   * about read-only, full or filling file systems, and no folder is created below `/etc`: `targetsDirectory`
   * defaults to a folder below `stateDirectory`.
   * @default - none
   */
  readonly readOnlyMounts?: readonly string[];
  /** Ports to use instead of the default ones. @default - the default ports */
  readonly ports?: DevicePorts;
  /**
   * Proxy through which the devices reach the cloud; `false` for a group that connects directly.
   * @default - none
   */
  readonly httpProxy?: HttpProxy | false;
}

const CONTEXT = 'cdk8s-edge-observability/device';

/** Rule for the mount point of a file system. */
export const mountPoint = matches(
  /^\/$|^(\/(?!\.\.?(\/|$))[A-Za-z0-9._+@-]+)+$/,
  'a mount point of letters, digits and . _ + @ -, without a trailing slash, such as "/" or "/usr"',
);

/** The ports of a device. */
export const DEVICE_PORTS = {
  nodeExporter: { rule: port, default: NODE_EXPORTER_PORT },
  metricsAgent: { rule: port, default: VMAGENT_PORT },
  metricsPushes: { rule: port, default: PUSH_PORT },
  logCollector: { rule: port, default: LOG_AGENT_PORT },
} satisfies OptionTable<DevicePorts>;

/** The options of a device. */
export const DEVICE_OPTIONS = {
  ...HOST_OPTIONS,
  stateDirectory: { rule: absolutePath, default: '/var/lib/edge-observability' },
  readOnlyMounts: { rule: listOf(mountPoint), default: [] },
  ports: { rule: optionsRule<DevicePorts>(DEVICE_PORTS), default: {} },
  httpProxy: { rule: falseOr(httpProxy), default: undefined },
} satisfies OptionTable<Device>;

/** Rule for an option that describes a device. */
export const deviceRule = optionsRule<Device>(DEVICE_OPTIONS);

/** A device with defaults. */
export type KnownDevice = Options<Device, typeof DEVICE_OPTIONS> & {
  readonly ports: Options<DevicePorts, typeof DEVICE_PORTS>;
};

/**
 * Describes the devices of a scope and everything below it. Call it before the scope has children.
 * @throws InvalidOptionError when an option is invalid.
 */
export function defineDevice(scope: Construct, device: Device): void {
  scope.node.setContext(CONTEXT, knownDevice(scope, device));
}

/**
 * Returns the devices that a construct runs on: its own description, with defaults from the nearest scope
 * that has one.
 * @throws InvalidOptionError when an option is invalid.
 */
export function knownDevice(scope: Construct, own: Device = {}): KnownDevice {
  verify(scope, { device: [own, deviceRule] });
  const known: Device = scope.node.tryGetContext(CONTEXT) ?? {};
  const device = withDefaults(DEVICE_OPTIONS, mergeDevices(own, known));
  return { ...device, ports: withDefaults(DEVICE_PORTS, device.ports) };
}

/** Merges two descriptions; options of the first one take precedence. */
export function mergeDevices(own: Device = {}, others: Device = {}): Device {
  const ports = { ...others.ports, ...omitUndefined(own.ports) };
  return { ...others, ...omitUndefined(own), ...(Object.keys(ports).length && { ports }) };
}

/** Returns the hostPath volume in which a program keeps its state. */
export const stateVolume = ({ stateDirectory }: KnownDevice, program: string): k8s.Volume =>
  hostPath('state', `${stateDirectory}/${program}`, 'DirectoryOrCreate');

/** Returns the folder for files with additional targets of the metrics agent. */
export const defaultTargetsDirectory = ({ readOnlyMounts, stateDirectory }: KnownDevice): string =>
  readOnlyMounts.length ? `${stateDirectory}/targets` : '/etc/edge-observability/targets';

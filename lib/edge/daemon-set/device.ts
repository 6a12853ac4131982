import type { Construct } from 'constructs';
import { LOG_AGENT_PORT } from '../../agents/log-agent';
import { VMAGENT_PORT } from '../../agents/vmagent';
import { defined } from '../../core/defined';
import { HOST_OPTIONS, type Host, NODE_EXPORTER_PORT } from '../../core/host';
import type { k8s } from '../../core/k8s';
import { absolutePath, listOf, matching, port } from '../../core/option-rules';
import { type Options, type OptionTable, optionsRule, withDefaults } from '../../core/option-table';
import { hostPath } from '../../core/pods';
import { falseOr } from '../../core/structure-rules';
import { verify } from '../../core/validation';
import { type HttpProxy, httpProxy } from './http-proxy';

/** Ports of an edge node that the stack's programs listen on, on the loopback address. */
export interface DevicePorts {
  /** Port of node_exporter. @default 9100 */
  readonly nodeExporter?: number;
  /** Port of the metrics agent's own HTTP server. @default 8429 */
  readonly metricsAgent?: number;
  /** Port of the log collector's own HTTP server. @default 12345 */
  readonly logCollector?: number;
}

/**
 * Properties of edge devices that differ from a Debian with systemd. A group's description completes that of all
 * devices, option by option.
 */
export interface Device extends Host {
  /**
   * Folder of the device that survives restarts and updates: queues, positions of log files.
   * @default "/var/lib/edge-observability"
   */
  readonly stateDirectory?: string;
  /**
   * Mount points that are read-only by design, such as `/` of an A/B image. No alert about a read-only, full or
   * filling file system is raised for them, and no folder is created below `/etc`: `targetsDirectory` is below
   * `stateDirectory` by default.
   * @default - none
   */
  readonly readOnlyMounts?: readonly string[];
  /** Ports to use where others use the default ones. @default - the default ones */
  readonly ports?: DevicePorts;
  /** Proxy by which the devices reach the cloud; `false` for a group that reaches it directly. @default - none */
  readonly httpProxy?: HttpProxy | false;
}

const CONTEXT = 'cdk8s-edge-observability/device';

/** Where a file system is mounted. */
export const mountPoint = matching(
  /^\/$|^(\/(?!\.\.?(\/|$))[A-Za-z0-9._+@-]+)+$/,
  'a mount point of letters, digits and . _ + @ -, without a slash at its end, such as "/" or "/usr"',
);

/** The ports of a device. */
export const DEVICE_PORTS = {
  nodeExporter: { rule: port, default: NODE_EXPORTER_PORT },
  metricsAgent: { rule: port, default: VMAGENT_PORT },
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

/** What a device may be. */
export const deviceRule = optionsRule<Device>(DEVICE_OPTIONS);

/** A device with the defaults of what is left out. */
export type KnownDevice = Options<Device, typeof DEVICE_OPTIONS> & {
  readonly ports: Options<DevicePorts, typeof DEVICE_PORTS>;
};

/**
 * Describes the devices of everything below a scope. Call it before the scope has children.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function defineDevice(scope: Construct, device: Device): void {
  scope.node.setContext(CONTEXT, deviceOf(scope, device));
}

/**
 * The devices that a construct is for: its own description, completed by that of the nearest scope.
 *
 * @throws InvalidOptionError when an option is not allowed.
 */
export function deviceOf(scope: Construct, own: Device = {}): KnownDevice {
  verify(scope, { device: [own, deviceRule] });
  const known: Device = scope.node.tryGetContext(CONTEXT) ?? {};
  const device = withDefaults(DEVICE_OPTIONS, completed(own, known));
  return { ...device, ports: withDefaults(DEVICE_PORTS, device.ports) };
}

/** A description, with what another one says of the options that it leaves out. */
export function completed(own: Device = {}, others: Device = {}): Device {
  const ports = { ...others.ports, ...defined(own.ports) };
  return { ...others, ...defined(own), ...(Object.keys(ports).length && { ports }) };
}

/** The folder of the device where a program keeps what survives its pod. */
export const stateVolume = ({ stateDirectory }: KnownDevice, program: string): k8s.Volume =>
  hostPath('state', `${stateDirectory}/${program}`, 'DirectoryOrCreate');

/** The folder in which files name further targets of the metrics agent. */
export const targetsDirectoryOf = ({ readOnlyMounts, stateDirectory }: KnownDevice): string =>
  readOnlyMounts.length ? `${stateDirectory}/targets` : '/etc/edge-observability/targets';

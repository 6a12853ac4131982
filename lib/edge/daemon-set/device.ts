import type { Construct } from 'constructs';
import { LOG_AGENT_PORT } from '../../agents/log-agent';
import { PUSH_PORT, VMAGENT_PORT } from '../../agents/vmagent';
import { omitUndefined } from '../../core/defined';
import { HOST_OPTIONS, type Host, NODE_EXPORTER_PORT } from '../../core/host';
import type { k8s } from '../../core/k8s';
import { absolutePath, listRuleWithSingleError, patternRule, port } from '../../core/option-rules';
import { type Options, type OptionTable, optionsRule, withFixedDefaults } from '../../core/option-table';
import { hostPathVolume } from '../../core/pods';
import { falseOrObjectRule } from '../../core/structure-rules';
import { validateOptions } from '../../core/validation';
import { type HttpProxy, httpProxy } from './http-proxy';

/**
 * Ports on which programs of the stack listen on an edge node. They listen on the loopback address, except for
 * `metricsPushes`, which the pods of the node must reach.
 */
export interface DevicePorts {
  /** Port of node_exporter. @default 9100 */
  readonly nodeExporter?: number;
  /** Port of the metrics agent's HTTP server. @default 8429 */
  readonly metricsAgent?: number;
  /** Port on which the metrics agent receives pushes from services of the node. @default 9091 */
  readonly metricsPushes?: number;
  /** Port of the log collector's HTTP server. @default 12345 */
  readonly logCollector?: number;
}

/**
 * Properties in which edge devices differ from Debian with systemd. A node group inherits the properties that are set
 * for all devices, and can override single properties.
 */
export interface Device extends Host {
  /**
   * Folder on the device for the queues of the agents and their read positions in log files. The folder must survive
   * restarts and updates of the operating system.
   * @default "/var/lib/edge-observability"
   */
  readonly stateDirectory?: string;
  /**
   * Mount points that are read-only by design, such as `/` of an A/B image. The alerts about read-only, full or filling
   * file systems ignore them. If the list is not empty, no folder is created below `/etc`, and `targetsDirectory`
   * defaults to a folder below `stateDirectory`.
   * @default - all file systems are expected to be writable
   */
  readonly readOnlyMounts?: readonly string[];
  /** Ports to use instead of the default ports. @default - the default of each port */
  readonly ports?: DevicePorts;
  /**
   * Proxy through which the devices connect to the cloud. Set it to `false` for a group that connects directly although
   * the other devices use a proxy.
   * @default - the devices connect directly
   */
  readonly httpProxy?: HttpProxy | false;
}

const DEVICE_CONTEXT_KEY = 'cdk8s-edge-observability/device';

/** Validation rule for the path of a mount point, such as `/` or `/usr`. */
export const mountPoint = patternRule(
  /^\/$|^(\/(?!\.\.?(\/|$))[A-Za-z0-9._+@-]+)+$/,
  '"/", or a path of letters, digits and . _ + @ -, without a slash at its end, such as "/usr"',
);

/** Validation rules and defaults of `DevicePorts`. */
export const DEVICE_PORTS = {
  nodeExporter: { rule: port, default: NODE_EXPORTER_PORT },
  metricsAgent: { rule: port, default: VMAGENT_PORT },
  metricsPushes: { rule: port, default: PUSH_PORT },
  logCollector: { rule: port, default: LOG_AGENT_PORT },
} satisfies OptionTable<DevicePorts>;

/** Validation rules and defaults of `Device`. */
export const DEVICE_OPTIONS = {
  ...HOST_OPTIONS,
  stateDirectory: { rule: absolutePath, default: '/var/lib/edge-observability' },
  readOnlyMounts: { rule: listRuleWithSingleError(mountPoint), default: [] },
  ports: { rule: optionsRule<DevicePorts>(DEVICE_PORTS), default: {} },
  httpProxy: { rule: falseOrObjectRule(httpProxy), default: undefined },
} satisfies OptionTable<Device>;

/** Validation rule for an option of type `Device`. */
export const deviceRule = optionsRule<Device>(DEVICE_OPTIONS);

/** Properties of a device after all defaults have been applied. */
export type ResolvedDevice = Options<Device, typeof DEVICE_OPTIONS> & {
  readonly ports: Options<DevicePorts, typeof DEVICE_PORTS>;
};

/**
 * Sets the device properties for all constructs in a scope. Call this function before the scope has children.
 * @throws InvalidOptionError when a property is invalid.
 */
export function setDeviceForScope(scope: Construct, device: Device): void {
  scope.node.setContext(DEVICE_CONTEXT_KEY, resolveDeviceProperties(scope, device));
}

/**
 * Returns the properties of the devices that a construct runs on. Properties that `own` does not set come from the
 * nearest parent scope for which `setDeviceForScope` was called, or else from the defaults.
 * @throws InvalidOptionError when a property is invalid.
 */
export function resolveDeviceProperties(scope: Construct, own: Device = {}): ResolvedDevice {
  validateOptions(scope, { device: [own, deviceRule] });
  const known: Device = scope.node.tryGetContext(DEVICE_CONTEXT_KEY) ?? {};
  const device = withFixedDefaults(DEVICE_OPTIONS, mergeDeviceProperties(own, known));
  return { ...device, ports: withFixedDefaults(DEVICE_PORTS, device.ports) };
}

/**
 * Merges the properties of two devices. A property of `own` takes precedence over the same property of `others`. Each
 * port in `ports` is merged separately.
 */
export function mergeDeviceProperties(own: Device = {}, others: Device = {}): Device {
  const ports = { ...others.ports, ...omitUndefined(own.ports) };
  return { ...others, ...omitUndefined(own), ...(Object.keys(ports).length && { ports }) };
}

/**
 * Returns the hostPath volume `state`, in which a program on the device stores its state. The folder is created if it
 * does not exist.
 * @param program name of the folder in `stateDirectory`
 */
export const stateVolumeForProgram = ({ stateDirectory }: ResolvedDevice, program: string): k8s.Volume =>
  hostPathVolume('state', `${stateDirectory}/${program}`, 'DirectoryOrCreate');

/**
 * Returns the default of the option `targetsDirectory`. Files in this folder list additional scrape targets of the
 * metrics agent. The folder is below `stateDirectory` if any mount point is read-only.
 */
export const defaultScrapeTargetsDirectory = ({ readOnlyMounts, stateDirectory }: ResolvedDevice): string =>
  readOnlyMounts.length ? `${stateDirectory}/targets` : '/etc/edge-observability/targets';

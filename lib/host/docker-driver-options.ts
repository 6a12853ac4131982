import { type ImageMirror, imageMirror } from '../core/mirrors';
import * as rules from '../core/option-rules';
import type { Options, OptionTable } from '../core/option-table';
import { optionsOf } from '../core/option-table';
import { proxyAddress } from '../core/proxy-address';
import { labelCountRule } from '../core/stream-labels';
import { allOf } from '../core/structure-rules';
import type { Rule } from '../core/validation';

/** A duration in Go's format, such as `800ms`, `1s` or `5m`. */
export type GoDuration = `${number}${'ms' | 's' | 'm'}`;

/** A size in Docker's format, such as `100m` for 100 MiB. */
export type DockerSize = `${number}${'k' | 'm' | 'g'}`;

/** Options for Loki's Docker log driver on an edge node. */
export interface DockerDriverOptions {
  /** Public host of Loki, without scheme and path. */
  readonly host: string;
  /** Value of the label `cluster` of every line, which is the cluster's name. */
  readonly cluster: string;
  /**
   * Value of the label `node` of every line, which is the node's name in the cluster.
   * @default - the host name where the script runs, in lower case
   */
  readonly node?: string;
  /** Value of the label `group` of every line.  @default - no label */
  readonly group?: string;
  /**
   * Up to 6 additional labels of every line. Each distinct value creates another stream in Loki, so use few
   * of them.
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** Version of the plugin, without its architecture.  @default "3.6.0" */
  readonly version?: string;
  /**
   * Registry with a copy of the plugin, in the form of the setting `images.mirror`; of several mirrors, that
   * of `docker.io` is used.
   * @default - Docker Hub
   */
  readonly mirror?: ImageMirror;
  /**
   * Maximum size of a container's log file before it is rotated.
   * @default - from the node's daemon.json, else '100m'
   */
  readonly maxSize?: DockerSize;
  /** Number of log files to keep per container.  @default - from the node's daemon.json, else 5 */
  readonly maxFile?: number;
  /**
   * Number of retries before a batch is dropped. Docker waits for them when a container stops, so keep them
   * few and short, lest a broken link blocks Docker.
   * @default 2
   */
  readonly retries?: number;
  /** Maximum backoff between retries.  @default "800ms" */
  readonly maxBackoff?: GoDuration;
  /** Timeout of a request.  @default "1s" */
  readonly timeout?: GoDuration;
  /**
   * Size of the memory buffer for a container's log while the driver is busy. When it is full, lines are
   * dropped instead of blocking the container.
   * @default "4m"
   */
  readonly maxBufferSize?: DockerSize;
  /**
   * CA certificate file that verifies Loki's certificate. The driver looks the file up in the plugin's own root
   * file system. This file system does not contain files of the host, and an upgrade replaces it. Prefer a
   * certificate of a public CA.
   * @default - the CA certificates in the plugin
   */
  readonly tlsCaFile?: string;
  /**
   * Proxy through which the driver reaches Loki, without credentials: `http://proxy.example.com:3128`.
   * @default - from the node's daemon.json, else none
   */
  readonly proxy?: string;
  /**
   * File on the node with the proxy's user and password, for the unit and the tasks.
   * @default - those of this proxy in daemon.json, else none
   */
  readonly proxyCredentialsFile?: string;
  /** Size of a batch in bytes.  @default - the driver's, 1048576 */
  readonly batchSize?: number;
  /** How long a batch waits for more lines.  @default - the driver's, '1s' */
  readonly batchWait?: GoDuration;
  /** Path of the script on the node, for the unit and the tasks.  @default "/usr/local/sbin/docker-driver" */
  readonly scriptPath?: string;
  /**
   * File on the node with the credentials for Loki, for the unit.
   * @default "/etc/docker/loki-credentials"
   */
  readonly credentialsFile?: string;
  /**
   * Whether the unit and the tasks restart Docker, and thereby all its containers, after a change.
   * @default false
   */
  readonly restart?: boolean;
}

/** Labels that the script or the driver sets on every line. */
const OWN_LABELS = ['container_name', 'cluster', 'node', 'group', 'host', 'filename', 'source'];
/** Labels that the driver sets on lines of containers started by Compose. */
const COMPOSE_LABELS = ['compose_project', 'compose_service'];

const version = rules.matches(
  /^\d+\.\d+\.\d+$/,
  'a version of three numbers, without its architecture, such as "3.6.0"',
);
const goDuration = rules.matches(
  /^[1-9]\d*(ms|s|m)$/,
  'a whole number above zero and a unit of ms, s or m, such as "800ms"',
);
const dockerSize = rules.matches(
  /^[1-9]\d*[kmg]$/,
  'a whole number above zero and a unit of k, m or g, such as "100m"',
);
const absolutePath = rules.matches(
  /^(\/(?!\.\.?(\/|$))[A-Za-z0-9._-]+)+$/,
  'an absolute path of letters, digits, dots, dashes and underscores, such as "/etc/docker/loki-credentials"',
);
// The value is part of a comma-separated option of the driver, and braces are templates there.
const lineLabelValue = rules.matches(
  /^[A-Za-z0-9._:/@+-]+$/,
  'one or more letters, digits and . _ : / @ + -, such as "north-1"',
);
const lineLabels: Rule = {
  allowed:
    `names of ${rules.labelName.allowed}, other than ${OWN_LABELS.join(', ')}; ` +
    `values of ${lineLabelValue.allowed}`,
  accepts: (value) =>
    rules.isRecord(value) &&
    Object.entries(value).every(
      ([name, held]) =>
        rules.labelName.accepts(name) && !OWN_LABELS.includes(name) && lineLabelValue.accepts(held),
    ),
};

/** The options of Docker's Loki driver. */
export const DRIVER_OPTIONS = {
  host: { rule: rules.hostName },
  cluster: { rule: lineLabelValue },
  node: { rule: rules.objectName, default: undefined },
  group: { rule: lineLabelValue, default: undefined },
  labels: {
    rule: allOf(lineLabels, labelCountRule([...OWN_LABELS, ...COMPOSE_LABELS])),
    default: {},
  },
  version: { rule: version, default: '3.6.0' },
  mirror: { rule: imageMirror, default: undefined },
  maxSize: { rule: dockerSize, default: undefined },
  maxFile: { rule: rules.wholeNumber(1, 100), default: undefined },
  retries: { rule: rules.wholeNumber(1, 10), default: 2 },
  maxBackoff: { rule: goDuration, default: '800ms' },
  timeout: { rule: goDuration, default: '1s' },
  maxBufferSize: { rule: dockerSize, default: '4m' },
  tlsCaFile: { rule: absolutePath, default: undefined },
  proxy: { rule: proxyAddress, default: undefined },
  proxyCredentialsFile: { rule: absolutePath, default: undefined },
  batchSize: { rule: rules.wholeNumber(1_024, 4_194_304), default: undefined },
  batchWait: { rule: goDuration, default: undefined },
  scriptPath: { rule: absolutePath, default: '/usr/local/sbin/docker-driver' },
  credentialsFile: { rule: absolutePath, default: '/etc/docker/loki-credentials' },
  restart: { rule: rules.yesOrNo, default: false },
} satisfies OptionTable<DockerDriverOptions>;

/** The options of the driver with defaults. */
export type DriverOptions = Options<DockerDriverOptions, typeof DRIVER_OPTIONS>;

/** Checks the options and adds their defaults. @throws InvalidOptionError that lists every invalid option. */
export const driverOptions = (given: DockerDriverOptions): DriverOptions =>
  optionsOf('docker-driver', given, DRIVER_OPTIONS);

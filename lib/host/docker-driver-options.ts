import { type ImageMirror, imageMirror } from '../core/mirrors';
import * as rules from '../core/option-rules';
import type { Options, OptionTable } from '../core/option-table';
import { optionsOf } from '../core/option-table';
import { proxyAddress } from '../core/proxy-address';
import { besides } from '../core/stream-labels';
import { also } from '../core/structure-rules';
import type { Rule } from '../core/validation';

/** A length of time as Go reads it, such as `800ms`, `1s` or `5m`. */
export type GoDuration = `${number}${'ms' | 's' | 'm'}`;

/** An amount of memory or disk as Docker reads it, such as `100m` for 100 MiB. */
export type DockerSize = `${number}${'k' | 'm' | 'g'}`;

/** How Docker on an edge node ships its containers' logs through Loki's log driver. */
export interface DockerDriverOptions {
  /** Name of the public host of Loki, without scheme and path. */
  readonly host: string;
  /** Label `cluster` of every line: the cluster's name, as the metrics have it. */
  readonly cluster: string;
  /**
   * Label `node` of every line: the node's name in the cluster.
   *
   * @default - the name of the host where the script runs, in lower case
   */
  readonly node?: string;
  /**
   * Label `group` of every line.
   *
   * @default - no such label
   */
  readonly group?: string;
  /**
   * Up to 6 more labels of every line. Each value is an index entry of Loki: keep them few.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Version of the plugin, without its architecture.
   *
   * @default "3.6.0"
   */
  readonly version?: string;
  /**
   * Registry that holds a copy of the plugin, as the setting `images.mirror` takes it; of mirrors by registry, that of
   * `docker.io` counts.
   *
   * @default - Docker Hub
   */
  readonly mirror?: ImageMirror;
  /**
   * How large a container's log file becomes before the next one is begun.
   *
   * @default - what the node's daemon.json says, else '100m'
   */
  readonly maxSize?: DockerSize;
  /**
   * How many log files of a container are kept.
   *
   * @default - what the node's daemon.json says, else 5
   */
  readonly maxFile?: number;
  /**
   * How often a batch is sent again before it is dropped. Docker waits for all of them when a container
   * stops, so few of them, and short ones, keep a dead link from blocking it.
   *
   * @default 2
   */
  readonly retries?: number;
  /**
   * Longest wait before a batch is sent again.
   *
   * @default "800ms"
   */
  readonly maxBackoff?: GoDuration;
  /**
   * How long one attempt to send may take.
   *
   * @default "1s"
   */
  readonly timeout?: GoDuration;
  /**
   * How much of a container's log waits in memory while the driver is busy; what comes after is dropped,
   * and the container goes on.
   *
   * @default "4m"
   */
  readonly maxBufferSize?: DockerSize;
  /**
   * File with the authority of Loki's certificate. The driver looks for it in the plugin's own root folder,
   * which sees nothing of the host's, and which an upgrade empties: prefer a public authority.
   *
   * @default - the authorities that the plugin brings
   */
  readonly tlsCaFile?: string;
  /**
   * Proxy by which the driver reaches Loki, without credentials: `http://proxy.example.com:3128`.
   *
   * @default - what the node's daemon.json says, else none
   */
  readonly proxy?: string;
  /**
   * Where the unit and the tasks find the user and the password of the proxy on the node.
   *
   * @default - those that daemon.json holds for this proxy, else none
   */
  readonly proxyCredentialsFile?: string;
  /**
   * Bytes of a batch.
   *
   * @default - the driver's, 1048576
   */
  readonly batchSize?: number;
  /**
   * How long a batch waits for more lines.
   *
   * @default - the driver's, '1s'
   */
  readonly batchWait?: GoDuration;
  /**
   * Where the unit and the tasks expect or put the script on the node.
   *
   * @default "/usr/local/sbin/docker-driver"
   */
  readonly scriptPath?: string;
  /**
   * Where the unit finds the credentials on the node.
   *
   * @default "/etc/docker/loki-credentials"
   */
  readonly credentialsFile?: string;
  /**
   * Whether the unit and the tasks restart Docker, and with it all its containers, after a change.
   *
   * @default false
   */
  readonly restart?: boolean;
}

/** Labels that the script or the driver itself gives to every line. */
const OWN_LABELS = ['container_name', 'cluster', 'node', 'group', 'host', 'filename', 'source'];
/** What the driver adds to lines of containers that Compose has started. */
const COMPOSE_LABELS = ['compose_project', 'compose_service'];

const version = rules.matching(
  /^\d+\.\d+\.\d+$/,
  'a version of three numbers, without its architecture, such as "3.6.0"',
);
const goDuration = rules.matching(
  /^[1-9]\d*(ms|s|m)$/,
  'a whole number above zero and a unit of ms, s or m, such as "800ms"',
);
const dockerSize = rules.matching(
  /^[1-9]\d*[kmg]$/,
  'a whole number above zero and a unit of k, m or g, such as "100m"',
);
const absolutePath = rules.matching(
  /^(\/(?!\.\.?(\/|$))[A-Za-z0-9._-]+)+$/,
  'an absolute path of letters, digits, dots, dashes and underscores, such as "/etc/docker/loki-credentials"',
);
// A comma or an equals sign would end the label in the driver's option, and braces are a template there.
const lineLabelValue = rules.matching(
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
    rule: also(lineLabels, besides([...OWN_LABELS, ...COMPOSE_LABELS])),
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

/** The options of the driver, with what counts of those that are left out. */
export type DriverOptions = Options<DockerDriverOptions, typeof DRIVER_OPTIONS>;

/** @throws InvalidOptionError that names every option of the driver which breaks its rule. */
export const driverOptions = (given: DockerDriverOptions): DriverOptions =>
  optionsOf('docker-driver', given, DRIVER_OPTIONS);

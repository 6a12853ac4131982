import { type ImageMirror, imageMirror } from '../core/mirrors';
import * as rules from '../core/option-rules';
import type { Options, OptionTable } from '../core/option-table';
import { validateAndApplyDefaults } from '../core/option-table';
import { proxyAddress } from '../core/proxy-address';
import { maxLabelsRule } from '../core/stream-labels';
import { combineRulesWithAnd } from '../core/structure-rules';
import type { Rule } from '../core/validation';

/** A duration in Go's format, such as `800ms`, `1s` or `5m`. */
export type GoDuration = `${number}${'ms' | 's' | 'm'}`;

/** A size in Docker's format, such as `100m` for 100 MiB. */
export type DockerSize = `${number}${'k' | 'm' | 'g'}`;

/** Options for Loki's Docker log driver on an edge node. */
export interface DockerDriverOptions {
  /** Public host of Loki, without scheme and path. */
  readonly host: string;
  /** Name of the cluster: the value of the label `cluster` of every line. */
  readonly cluster: string;
  /**
   * Name of the node in the cluster: the value of the label `node` of every line.
   * @default - the name of the host on which the script runs, in lower case
   */
  readonly node?: string;
  /** Value of the label `group` of every line. @default - no label */
  readonly group?: string;
  /**
   * Up to 6 additional labels of every line. Each distinct value creates another stream in Loki, so use few labels.
   * @default - no additional labels
   */
  readonly labels?: Readonly<Record<string, string>>;
  /** Version of the plugin, without its architecture. @default "3.6.0" */
  readonly version?: string;
  /**
   * Registry with a copy of the plugin, in the format of the setting `images.mirror`. If the setting contains several
   * mirrors, the plugin comes from the mirror of `docker.io`.
   * @default - Docker Hub
   */
  readonly mirror?: ImageMirror;
  /**
   * Size at which Docker rotates a container's log file.
   * @default - the value in the node's daemon.json, or else "100m"
   */
  readonly maxSize?: DockerSize;
  /** Number of log files to keep per container. @default - the value in the node's daemon.json, or else 5 */
  readonly maxFile?: number;
  /**
   * Number of retries before a batch is dropped. When a container stops, Docker waits until all retries have failed, so
   * use few retries with a short backoff. Otherwise a broken link blocks Docker.
   * @default 2
   */
  readonly retries?: number;
  /** Maximum backoff between two retries. @default "800ms" */
  readonly maxBackoff?: GoDuration;
  /** Timeout of a push request to Loki. @default "1s" */
  readonly timeout?: GoDuration;
  /**
   * Size of the memory buffer for each container's log lines. If the buffer is full, Docker drops lines instead of
   * blocking the container.
   * @default "4m"
   */
  readonly maxBufferSize?: DockerSize;
  /**
   * Path of the file with the CA certificate that verifies Loki's certificate. The path is in the root file
   * system of the Docker plugin, which does not contain files of the host and is replaced when the plugin is upgraded. Prefer a
   * certificate of a public CA for Loki.
   * @default - the public CA certificates that the plugin contains
   */
  readonly tlsCaFile?: string;
  /**
   * URL of the proxy through which the driver connects to Loki, without credentials, such as
   * `http://proxy.example.com:3128`.
   * @default - the proxy in the node's daemon.json, or else no proxy
   */
  readonly proxy?: string;
  /**
   * File on the node with the proxy's user and password. The systemd unit and the Ansible tasks pass the file to the
   * script.
   * @default - the credentials of this proxy in daemon.json, or else no credentials
   */
  readonly proxyCredentialsFile?: string;
  /** Maximum size of a batch in bytes. @default - the driver's default, 1048576 */
  readonly batchSize?: number;
  /** Maximum time for which the driver collects lines for a batch. @default - the driver's default, "1s" */
  readonly batchWait?: GoDuration;
  /** Path of the script on the node, which the systemd unit and the Ansible tasks use. @default "/usr/local/sbin/docker-driver" */
  readonly scriptPath?: string;
  /**
   * File on the node with the basic auth user and password for Loki. The systemd unit passes the file to the script.
   * @default "/etc/docker/loki-credentials"
   */
  readonly credentialsFile?: string;
  /**
   * Whether the systemd unit and the Ansible tasks restart Docker after a change that requires a restart. A
   * restart of Docker also restarts all containers.
   * @default false
   */
  readonly restart?: boolean;
}

/** Label names that the option `labels` must not contain, because the script or the driver sets these labels. */
const OWN_LABELS = ['container_name', 'cluster', 'node', 'group', 'host', 'filename', 'source'];
/** Labels that the driver adds to lines of Docker Compose containers. Loki's limit of labels includes these labels. */
const COMPOSE_LABELS = ['compose_project', 'compose_service'];

const version = rules.patternRule(
  /^\d+\.\d+\.\d+$/,
  'a version of three numbers, without its architecture, such as "3.6.0"',
);
const goDuration = rules.patternRule(
  /^[1-9]\d*(ms|s|m)$/,
  'a whole number above zero and a unit of ms, s or m, such as "800ms"',
);
const dockerSize = rules.patternRule(
  /^[1-9]\d*[kmg]$/,
  'a whole number above zero and a unit of k, m or g, such as "100m"',
);
const absolutePath = rules.patternRule(
  /^(\/(?!\.\.?(\/|$))[A-Za-z0-9._-]+)+$/,
  'an absolute path of letters, digits, dots, dashes and underscores, such as "/etc/docker/loki-credentials"',
);
// Label values are part of a comma-separated option of the driver, in which braces start a template.
const lineLabelValue = rules.patternRule(
  /^[A-Za-z0-9._:/@+-]+$/,
  'one or more letters, digits and . _ : / @ + -, such as "north-1"',
);
const lineLabels: Rule = {
  allowed: `names of ${rules.labelName.allowed}, other than ${OWN_LABELS.join(', ')}; values of ${lineLabelValue.allowed}`,
  accepts: (value) =>
    rules.isObjectNotList(value) &&
    Object.entries(value).every(
      ([name, held]) =>
        rules.labelName.accepts(name) && !OWN_LABELS.includes(name) && lineLabelValue.accepts(held),
    ),
};

/** Validation rules and defaults of `DockerDriverOptions`. */
export const DRIVER_OPTIONS = {
  host: { rule: rules.hostName },
  cluster: { rule: lineLabelValue },
  node: { rule: rules.objectName, default: undefined },
  group: { rule: lineLabelValue, default: undefined },
  labels: {
    rule: combineRulesWithAnd(lineLabels, maxLabelsRule([...OWN_LABELS, ...COMPOSE_LABELS])),
    default: {},
  },
  version: { rule: version, default: '3.6.0' },
  mirror: { rule: imageMirror, default: undefined },
  maxSize: { rule: dockerSize, default: undefined },
  maxFile: { rule: rules.wholeNumberRule(1, 100), default: undefined },
  retries: { rule: rules.wholeNumberRule(1, 10), default: 2 },
  maxBackoff: { rule: goDuration, default: '800ms' },
  timeout: { rule: goDuration, default: '1s' },
  maxBufferSize: { rule: dockerSize, default: '4m' },
  tlsCaFile: { rule: absolutePath, default: undefined },
  proxy: { rule: proxyAddress, default: undefined },
  proxyCredentialsFile: { rule: absolutePath, default: undefined },
  batchSize: { rule: rules.wholeNumberRule(1_024, 4_194_304), default: undefined },
  batchWait: { rule: goDuration, default: undefined },
  scriptPath: { rule: absolutePath, default: '/usr/local/sbin/docker-driver' },
  credentialsFile: { rule: absolutePath, default: '/etc/docker/loki-credentials' },
  restart: { rule: rules.yesOrNo, default: false },
} satisfies OptionTable<DockerDriverOptions>;

/** `DockerDriverOptions` after all defaults have been applied. */
export type DriverOptions = Options<DockerDriverOptions, typeof DRIVER_OPTIONS>;

/**
 * Validates the options, and returns them with the defaults applied.
 * @throws InvalidOptionError that lists every invalid option.
 */
export const resolveDriverOptions = (given: DockerDriverOptions): DriverOptions =>
  validateAndApplyDefaults('docker-driver', given, DRIVER_OPTIONS);

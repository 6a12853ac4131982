import { yesOrNo } from '../../core/option-rules';
import { type OptionTable, optionsOf } from '../../core/option-table';
import { seconds } from '../../core/units';
import { clientTls } from '../client-tls';
import {
  DOCKER_FORMAT,
  LINE_LABELS,
  type LogAgent,
  type LogTarget,
  type LogTask,
  MOST_LINES_OF_AN_EVENT,
  REQUEST_TIMEOUT,
  selector,
  unreadOf,
} from '../log-agent';
import { podsOfTheApiServer, podsOfTheFileSystem } from './discovery';
import { type AlloyBlock, type AlloyValue, alloyConfig, ref } from './syntax';

/** Options for `alloy()`. */
export interface AlloyOptions {
  /**
   * Whether to discover the node's pods through the API server, and to label lines with the pod's `app`. Not
   * possible on edge nodes, which have no API server.
   * @default false
   */
  readonly kubernetesMetadata?: boolean;
}

/** The options of `alloy()`. */
export const ALLOY_OPTIONS = {
  kubernetesMetadata: { rule: yesOrNo, default: false },
} satisfies OptionTable<AlloyOptions>;

const CONFIG = 'config.alloy';

/**
 * Grafana Alloy, for amd64 and arm64; it needs about 120Mi of memory for 1 MiB of lines per second. It keeps
 * unsent lines in memory, which a restart during an outage loses, and drops lines that are answered with 4xx
 * except for 429.
 *
 * Checked against the reference of Alloy 1.18: loki.source.file, loki.process, loki.write, local.file
 * (https://grafana.com/docs/alloy/v1.18/reference/components/).
 * @throws InvalidOptionError when an option is invalid.
 */
export function alloy(options: AlloyOptions = {}): LogAgent {
  const { kubernetesMetadata } = optionsOf('alloy', options, ALLOY_OPTIONS);
  return {
    name: 'alloy',
    image: 'alloy',
    architectures: ['amd64', 'arm64'],
    resources: { cpu: '50m', memory: '128Mi', memoryLimit: '384Mi' },
    needsApiServer: kubernetesMetadata,
    readyPath: '/-/ready',
    reloadPath: '/-/reload',
    readsPasswordFiles: true,
    metrics: {
      path: '/metrics',
      backlog: unreadOf('loki_source_file_file_bytes_total', 'loki_source_file_read_bytes_total'),
      sent: (read) => read('loki_write_sent_bytes_total'),
      dropped: (read) => read('loki_write_dropped_entries_total'),
      retried: 'loki_write_batch_retries_total',
    },
    args: ({ configDir, stateDir, listen }) => [
      'run',
      `${configDir}/${CONFIG}`,
      `--server.http.listen-addr=${hostOf(listen.address)}:${listen.port}`,
      `--storage.path=${stateDir}`,
      '--disable-reporting',
    ],
    files: (task) => ({ [CONFIG]: alloyConfig(pipeline(task, kubernetesMetadata)) }),
  };
}

function pipeline(task: LogTask, kubernetesMetadata: boolean): AlloyBlock[] {
  const labels = [...LINE_LABELS, ...(kubernetesMetadata ? ['app'] : [])];
  return [
    { block: 'logging', attributes: { level: 'info', format: 'logfmt' } },
    ...(kubernetesMetadata ? podsOfTheApiServer() : podsOfTheFileSystem()),
    {
      block: 'loki.source.file',
      label: 'pods',
      attributes: {
        targets: ref('discovery.relabel.pods.output'),
        forward_to: [ref('loki.process.pods.receiver')],
      },
    },
    {
      block: 'loki.process',
      label: 'pods',
      attributes: { forward_to: [ref('loki.write.default.receiver')] },
      blocks: [
        ...unwrapped(),
        ...joined(task),
        ...chosen(task),
        { block: 'stage.label_keep', attributes: { values: labels } },
        ...limited(task),
      ],
    },
    ...username(task),
    writer(task),
  ];
}

function stage(
  name: string,
  attributes?: Readonly<Record<string, AlloyValue>>,
  blocks?: AlloyBlock[],
): AlloyBlock {
  return { block: `stage.${name}`, attributes, blocks };
}

/** Removes the runtime's prefix and joins partial lines. */
function unwrapped(): AlloyBlock[] {
  const { line, fields, template } = DOCKER_FORMAT;
  return [
    stage('match', { selector: selector({ line }) }, [
      stage('json', { expressions: Object.fromEntries(fields.map((field) => [field, ''])) }),
      stage('template', { source: 'cri', template }),
      stage('output', { source: 'cri' }),
    ]),
    stage('cri'),
  ];
}

function joined({ multiline = [] }: LogTask): AlloyBlock[] {
  return multiline.map(({ firstLine, maxWait = '3s', ...match }) =>
    stage('match', { selector: selector(match) }, [
      stage('multiline', {
        firstline: firstLine,
        max_wait_time: `${seconds(maxWait)}s`,
        max_lines: MOST_LINES_OF_AN_EVENT,
      }),
    ]),
  );
}

/** Marks the lines to keep and drops all others. */
function chosen({ keep, drop = [] }: LogTask): AlloyBlock[] {
  const dropped = (reason: string, of: string) =>
    stage('match', { selector: of, action: 'drop', drop_counter_reason: reason });
  return [
    ...(keep ?? []).map((match) =>
      stage('match', { selector: selector(match) }, [stage('static_labels', { values: { kept: 'yes' } })]),
    ),
    ...(keep ? [dropped('not_kept', selector({}, 'kept!="yes"'))] : []),
    ...drop.map((match) => dropped('dropped', selector(match))),
  ];
}

/** Lines above the limit wait, which pauses reading. */
function limited({ sending: { linesPerSecond } }: LogTask): AlloyBlock[] {
  return linesPerSecond === undefined
    ? []
    : [stage('limit', { rate: linesPerSecond, burst: linesPerSecond, drop: false })];
}

/** The user, reloaded when it changes. */
function username({ target: { credentialsDir } }: LogTask): AlloyBlock[] {
  return credentialsDir === undefined
    ? []
    : [{ block: 'local.file', label: 'username', attributes: { filename: `${credentialsDir}/username` } }];
}

/**
 * The credentials of the agent. A change of `loki.write` drops waiting lines, so a new password must not be such a change: a
 * `password_file` is read for each request. The user's own file keeps lines that wait from going out with the old user and the
 * new password.
 */
function authentication({ passwordsDir }: LogTarget): AlloyBlock[] {
  const user = 'string.trim_space(local.file.username.content)';
  return passwordsDir === undefined
    ? []
    : [
        {
          block: 'basic_auth',
          attributes: {
            username: ref(user),
            password_file: ref(`${JSON.stringify(`${passwordsDir}/`)} + string.replace(${user}, "/", "_")`),
          },
        },
      ];
}

function writer({ labels, target, sending }: LogTask): AlloyBlock {
  const { url, tenant, byProxy } = target;
  const tls = clientTls(target);
  return {
    block: 'loki.write',
    label: 'default',
    attributes: { external_labels: { ...labels, node: ref('sys.env("NODE_NAME")') } },
    blocks: [
      {
        block: 'endpoint',
        attributes: {
          url,
          ...(tenant !== undefined && { tenant_id: tenant }),
          batch_size: `${sending.batchSize}B`,
          batch_wait: `${seconds(sending.batchWait)}s`,
          // On a link of 200 kbit/s, a batch takes longer than the default of ten seconds.
          remote_timeout: REQUEST_TIMEOUT,
          max_backoff_period: `${seconds(sending.maxBackoff)}s`,
          // Retries without limit: while Loki is unavailable, the log files are the buffer.
          max_backoff_retries: 0,
          ...(byProxy && { proxy_from_environment: true }),
        },
        blocks: [...authentication(target), ...(tls ? [{ block: 'tls_config', attributes: tls }] : [])],
      },
    ],
  };
}

/** Returns an address in the form that precedes a port. */
const hostOf = (address: string): string => (address.includes(':') ? `[${address}]` : address);

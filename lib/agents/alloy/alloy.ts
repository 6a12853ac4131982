import { yesOrNo } from '../../core/option-rules';
import { type OptionTable, validateAndApplyDefaults } from '../../core/option-table';
import { toSeconds } from '../../core/units';
import { clientTlsConfig } from '../client-tls';
import {
  LINE_LABELS,
  type LogAgent,
  type LogTarget,
  type LogTask,
  unreadBytesExpression,
} from '../log-agent';
import { DOCKER_FORMAT, MAX_LINES_PER_EVENT, REQUEST_TIMEOUT, renderLogqlSelector } from '../log-files';
import { apiServerDiscoveryBlocks, logFileDiscoveryBlocks } from './discovery';
import { type AlloyBlock, type AlloyValue, rawAlloyExpression, renderAlloyConfig } from './syntax';

/** Options for `alloy()`. */
export interface AlloyOptions {
  /**
   * Whether Alloy discovers the node's pods through the API server and adds the label `app` to their lines. Edge nodes
   * do not support this option, because their pods cannot connect to the API server.
   * @default false
   */
  readonly kubernetesMetadata?: boolean;
}

/** Validation rules and defaults of `AlloyOptions`. */
export const ALLOY_OPTIONS = {
  kubernetesMetadata: { rule: yesOrNo, default: false },
} satisfies OptionTable<AlloyOptions>;

const CONFIG_FILE = 'config.alloy';

/**
 * Returns Grafana Alloy as log agent, for amd64 and arm64. Alloy needs about 120Mi of memory for 1 MiB of lines per
 * second. Alloy keeps unsent lines in memory, so a restart during an outage loses these lines. Alloy drops lines if
 * Loki responds with an HTTP status 4xx other than 429.
 *
 * Verified with the reference of Alloy 1.18: loki.source.file, loki.process, loki.write, local.file
 * (https://grafana.com/docs/alloy/v1.18/reference/components/).
 * @throws InvalidOptionError when an option is invalid.
 */
export function alloy(options: AlloyOptions = {}): LogAgent {
  const { kubernetesMetadata } = validateAndApplyDefaults('alloy', options, ALLOY_OPTIONS);
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
      backlog: unreadBytesExpression(
        'loki_source_file_file_bytes_total',
        'loki_source_file_read_bytes_total',
      ),
      sent: (read) => read('loki_write_sent_bytes_total'),
      dropped: (read) => read('loki_write_dropped_entries_total'),
      retried: 'loki_write_batch_retries_total',
    },
    args: ({ configDir, stateDir, listen }) => [
      'run',
      `${configDir}/${CONFIG_FILE}`,
      `--server.http.listen-addr=${addIpv6Brackets(listen.address)}:${listen.port}`,
      `--storage.path=${stateDir}`,
      '--disable-reporting',
    ],
    files: (task) => ({ [CONFIG_FILE]: renderAlloyConfig(alloyBlocks(task, kubernetesMetadata)) }),
  };
}

function alloyBlocks(task: LogTask, kubernetesMetadata: boolean): AlloyBlock[] {
  const labels = [...LINE_LABELS, ...(kubernetesMetadata ? ['app'] : [])];
  return [
    { block: 'logging', attributes: { level: 'info', format: 'logfmt' } },
    ...(kubernetesMetadata ? apiServerDiscoveryBlocks() : logFileDiscoveryBlocks()),
    {
      block: 'loki.source.file',
      label: 'pods',
      attributes: {
        targets: rawAlloyExpression('discovery.relabel.pods.output'),
        forward_to: [rawAlloyExpression('loki.process.pods.receiver')],
      },
    },
    {
      block: 'loki.process',
      label: 'pods',
      attributes: { forward_to: [rawAlloyExpression('loki.write.default.receiver')] },
      blocks: [
        ...dockerAndCriFormatStages(),
        ...multilineStages(task),
        ...lineFilterStages(task),
        { block: 'stage.label_keep', attributes: { values: labels } },
        ...rateLimitStages(task),
      ],
    },
    ...usernameFileBlocks(task),
    lokiWriteBlock(task),
  ];
}

function pipelineStageBlock(
  name: string,
  attributes?: Readonly<Record<string, AlloyValue>>,
  blocks?: AlloyBlock[],
): AlloyBlock {
  return { block: `stage.${name}`, attributes, blocks };
}

/**
 * Returns the stages that remove the prefix of the container runtime from lines, and join partial lines. The stages
 * support Docker's format and the CRI's format.
 */
function dockerAndCriFormatStages(): AlloyBlock[] {
  const { line, fields, template } = DOCKER_FORMAT;
  return [
    pipelineStageBlock('match', { selector: renderLogqlSelector({ line }) }, [
      pipelineStageBlock('json', { expressions: Object.fromEntries(fields.map((field) => [field, ''])) }),
      pipelineStageBlock('template', { source: 'cri', template }),
      pipelineStageBlock('output', { source: 'cri' }),
    ]),
    pipelineStageBlock('cri'),
  ];
}

function multilineStages({ multiline = [] }: LogTask): AlloyBlock[] {
  return multiline.map(({ firstLine, maxWait = '3s', ...match }) =>
    pipelineStageBlock('match', { selector: renderLogqlSelector(match) }, [
      pipelineStageBlock('multiline', {
        firstline: firstLine,
        max_wait_time: `${toSeconds(maxWait)}s`,
        max_lines: MAX_LINES_PER_EVENT,
      }),
    ]),
  );
}

/**
 * Returns the stages that filter lines. If `keep` is set, lines that match no entry of `keep` are dropped. Lines that
 * match an entry of `drop` are always dropped.
 */
function lineFilterStages({ keep, drop = [] }: LogTask): AlloyBlock[] {
  const lineDropStage = (reason: string, of: string) =>
    pipelineStageBlock('match', { selector: of, action: 'drop', drop_counter_reason: reason });
  return [
    ...(keep ?? []).map((match) =>
      pipelineStageBlock('match', { selector: renderLogqlSelector(match) }, [
        pipelineStageBlock('static_labels', { values: { kept: 'yes' } }),
      ]),
    ),
    ...(keep ? [lineDropStage('not_kept', renderLogqlSelector({}, 'kept!="yes"'))] : []),
    ...drop.map((match) => lineDropStage('dropped', renderLogqlSelector(match))),
  ];
}

/**
 * Returns the stage that limits lines per second. Alloy pauses reading while lines wait. Returns an empty list if
 * no limit is set.
 */
function rateLimitStages({ sending: { linesPerSecond } }: LogTask): AlloyBlock[] {
  return linesPerSecond === undefined
    ? []
    : [pipelineStageBlock('limit', { rate: linesPerSecond, burst: linesPerSecond, drop: false })];
}

/**
 * Returns the block that reads the basic auth user from a file. Alloy reloads a changed file. Returns an empty list
 * if the target has no credentials.
 */
function usernameFileBlocks({ target: { credentialsDir } }: LogTask): AlloyBlock[] {
  return credentialsDir === undefined
    ? []
    : [{ block: 'local.file', label: 'username', attributes: { filename: `${credentialsDir}/username` } }];
}

/**
 * Returns the block with user and password. Alloy drops waiting lines when the configuration of `loki.write` changes.
 * The password is therefore in a `password_file`, which Alloy reads for each request. Each user has a separate password
 * file. Otherwise Alloy could send waiting lines with the old user and the new password. Returns an empty list if the
 * target has no password files.
 */
function basicAuthBlocks({ passwordsDir }: LogTarget): AlloyBlock[] {
  const user = 'string.trim_space(local.file.username.content)';
  return passwordsDir === undefined
    ? []
    : [
        {
          block: 'basic_auth',
          attributes: {
            username: rawAlloyExpression(user),
            password_file: rawAlloyExpression(
              `${JSON.stringify(`${passwordsDir}/`)} + string.replace(${user}, "/", "_")`,
            ),
          },
        },
      ];
}

function lokiWriteBlock({ labels, target, sending }: LogTask): AlloyBlock {
  const { url, tenant, byProxy } = target;
  const tls = clientTlsConfig(target);
  return {
    block: 'loki.write',
    label: 'default',
    attributes: { external_labels: { ...labels, node: rawAlloyExpression('sys.env("NODE_NAME")') } },
    blocks: [
      {
        block: 'endpoint',
        attributes: {
          url,
          ...(tenant !== undefined && { tenant_id: tenant }),
          batch_size: `${sending.batchSize}B`,
          batch_wait: `${toSeconds(sending.batchWait)}s`,
          // On a link of 200 kbit/s, a batch takes longer than Alloy's default timeout of ten seconds.
          remote_timeout: REQUEST_TIMEOUT,
          max_backoff_period: `${toSeconds(sending.maxBackoff)}s`,
          // With 0, Alloy retries without limit: while Loki is unavailable, the log files are the buffer.
          max_backoff_retries: 0,
          ...(byProxy && { proxy_from_environment: true }),
        },
        blocks: [...basicAuthBlocks(target), ...(tls ? [{ block: 'tls_config', attributes: tls }] : [])],
      },
    ],
  };
}

/** Encloses an IPv6 address in brackets, as required before a port. Returns an IPv4 address unchanged. */
const addIpv6Brackets = (address: string): string => (address.includes(':') ? `[${address}]` : address);

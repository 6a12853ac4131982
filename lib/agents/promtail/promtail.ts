import { NO_OPTIONS, type NoOptions, validateAndApplyDefaults } from '../../core/option-table';
import { toBytes, toSeconds } from '../../core/units';
import { yaml } from '../../core/yaml';
import { clientTlsConfig } from '../client-tls';
import { LINE_LABELS, type LogAgent, type LogTask, unreadBytesExpression } from '../log-agent';
import {
  DOCKER_FORMAT,
  MAX_LINES_PER_EVENT,
  POD_LOG_PATH,
  POD_LOGS,
  REQUEST_TIMEOUT,
  renderLogqlSelector,
} from '../log-files';

type Stage = Readonly<Record<string, unknown>>;

const CONFIG_FILE = 'promtail.yaml';

/**
 * Returns Promtail as log agent, for fleets that already use it. Promtail reached its end of life with version 3.6 on
 * 2026-03-02.
 *
 * Verified with the reference of Promtail 3.6
 * (https://grafana.com/docs/loki/v3.6.x/send-data/promtail/configuration/).
 * @throws InvalidOptionError when options are given, because `promtail()` has none.
 */
export function promtail(options: NoOptions = {}): LogAgent {
  validateAndApplyDefaults('promtail', options, NO_OPTIONS);
  return {
    name: 'promtail',
    image: 'promtail',
    architectures: ['amd64', 'arm64', 'arm'],
    resources: { cpu: '50m', memory: '64Mi', memoryLimit: '192Mi' },
    needsApiServer: false,
    notice: 'Promtail reached its end of life in March 2026 and gets no more fixes: use fluentBit() instead',
    readyPath: '/ready',
    reloadPath: '/reload',
    // Promtail also responds with this error to a second reload request if the first request timed out because the link
    // was down.
    unchangedAnswer: 'config has not changed',
    metrics: {
      path: '/metrics',
      backlog: unreadBytesExpression('promtail_file_bytes_total', 'promtail_read_bytes_total'),
      sent: (read) => read('promtail_sent_bytes_total'),
      dropped: (read) => read('promtail_dropped_entries_total'),
      retried: 'promtail_batch_retries_total',
    },
    // The flag adds a label to the labels in the file. A variable in the file would require -config.expand-env, with which
    // every backslash in the file must be escaped.
    args: ({ configDir }) => [
      `-config.file=${configDir}/${CONFIG_FILE}`,
      '-client.external-labels=node=$(NODE_NAME)',
    ],
    files: (task) => ({ [CONFIG_FILE]: yaml(promtailConfig(task)) }),
  };
}

function promtailConfig(task: LogTask): object {
  const { listen, stateDir } = task;
  return {
    server: {
      http_listen_address: listen.address,
      http_listen_port: listen.port,
      // With 0, the system chooses a free port, so the port of the unused gRPC server cannot conflict with another
      // port.
      grpc_listen_port: 0,
      grpc_listen_address: listen.address,
      enable_runtime_reload: true,
    },
    positions: { filename: `${stateDir}/positions.yaml` },
    clients: [lokiClientConfig(task)],
    ...lineRateLimitConfig(task),
    scrape_configs: [
      {
        job_name: 'pods',
        static_configs: [{ targets: ['localhost'], labels: { __path__: POD_LOGS } }],
        pipeline_stages: [
          ...stagesThatExtractLabelsFromPath(),
          ...dockerAndCriFormatStages(),
          ...multilineStages(task),
          ...lineFilterStages(task),
          { labelallow: LINE_LABELS },
        ],
      },
    ],
  };
}

function lokiClientConfig({ labels, target, sending }: LogTask): object {
  const { url, credentialsDir, tenant, byProxy } = target;
  const tls = clientTlsConfig(target);
  return {
    url,
    ...(tenant !== undefined && { tenant_id: tenant }),
    ...(credentialsDir && {
      basic_auth: {
        username_file: `${credentialsDir}/username`,
        password_file: `${credentialsDir}/password`,
      },
    }),
    ...(tls && { tls_config: tls }),
    ...(byProxy && { proxy_from_environment: true }),
    external_labels: labels,
    batchsize: toBytes(sending.batchSize),
    batchwait: `${toSeconds(sending.batchWait)}s`,
    timeout: REQUEST_TIMEOUT,
    // With 0, Promtail retries without limit: while Loki is unavailable, the log files are the buffer.
    backoff_config: { max_period: `${toSeconds(sending.maxBackoff)}s`, max_retries: 0 },
  };
}

/**
 * Returns the configuration that limits lines per second. Promtail pauses reading while lines wait. Returns an empty
 * object if no limit is set.
 */
function lineRateLimitConfig({ sending: { linesPerSecond } }: LogTask): object {
  return linesPerSecond === undefined
    ? {}
    : {
        limits_config: {
          readline_rate_enabled: true,
          readline_rate: linesPerSecond,
          readline_burst: linesPerSecond,
          readline_rate_drop: false,
        },
      };
}

function stagesThatExtractLabelsFromPath(): Stage[] {
  return [
    { regex: { source: 'filename', expression: POD_LOG_PATH } },
    { template: { source: 'job', template: '{{ .namespace }}/{{ .container }}' } },
    { labels: { namespace: null, pod: null, container: null, job: null } },
  ];
}

/**
 * Returns the stages that remove the prefix of the container runtime from lines, and join partial lines. The stages
 * support Docker's format and the CRI's format.
 */
function dockerAndCriFormatStages(): Stage[] {
  const { line, fields, template } = DOCKER_FORMAT;
  return [
    {
      match: {
        selector: renderLogqlSelector({ line }),
        stages: [
          { json: { expressions: Object.fromEntries(fields.map((field) => [field, null])) } },
          { template: { source: 'cri', template } },
          { output: { source: 'cri' } },
        ],
      },
    },
    { cri: {} },
  ];
}

function multilineStages({ multiline = [] }: LogTask): Stage[] {
  return multiline.map(({ firstLine, maxWait = '3s', ...match }) => ({
    match: {
      selector: renderLogqlSelector(match),
      stages: [
        {
          multiline: {
            firstline: firstLine,
            max_wait_time: `${toSeconds(maxWait)}s`,
            max_lines: MAX_LINES_PER_EVENT,
          },
        },
      ],
    },
  }));
}

/**
 * Returns the stages that filter lines. If `keep` is set, lines that match no entry of `keep` are dropped. Lines that
 * match an entry of `drop` are always dropped.
 */
function lineFilterStages({ keep, drop = [] }: LogTask): Stage[] {
  const lineDropStage = (drop_counter_reason: string, of: string) => ({
    match: { selector: of, action: 'drop', drop_counter_reason },
  });
  return [
    ...(keep ?? []).map((match) => ({
      match: { selector: renderLogqlSelector(match), stages: [{ static_labels: { kept: 'yes' } }] },
    })),
    ...(keep ? [lineDropStage('not_kept', renderLogqlSelector({}, 'kept!="yes"'))] : []),
    ...drop.map((match) => lineDropStage('dropped', renderLogqlSelector(match))),
  ];
}

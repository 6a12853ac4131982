import { type AlloyBlock, alloyConfig, ref } from './alloy-syntax';

/** What the configuration of a collector depends on. */
export interface PodLogsConfig {
  readonly cluster: string;
  readonly pushUrl: string;
}

/** `/var/log/pods/<namespace>_<pod>_<uid>/<container>/<n>.log`: no API server is needed to name a line. */
const POD_LOG_PATH = '/var/log/pods/([^_/]+)_([^_/]+)_[^/]+/([^/]+)/[^/]+\\.log';

/**
 * Alloy's configuration that reads the files of every container of a node and names each line by
 * namespace, pod and container. Docker's JSON and the CRI's format are told apart line by line.
 */
export function podLogsConfig({ cluster, pushUrl }: PodLogsConfig): string {
  return alloyConfig([
    { block: 'logging', attributes: { level: 'info', format: 'logfmt' } },
    {
      block: 'local.file_match',
      label: 'pods',
      attributes: { path_targets: [{ __path__: '/var/log/pods/*/*/*.log' }] },
    },
    {
      block: 'discovery.relabel',
      label: 'pods',
      attributes: { targets: ref('local.file_match.pods.targets') },
      blocks: [fromPath('namespace', '$1'), fromPath('pod', '$2'), fromPath('container', '$3'), job()],
    },
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
      blocks: formats(),
    },
    {
      block: 'loki.write',
      label: 'default',
      attributes: { external_labels: { cluster, node: ref('sys.env("NODE_NAME")') } },
      // Retries without end: the files are the buffer while Loki is away.
      blocks: [{ block: 'endpoint', attributes: { url: pushUrl, max_backoff_retries: 0 } }],
    },
  ]);
}

function fromPath(target_label: string, replacement: string): AlloyBlock {
  return {
    block: 'rule',
    attributes: { source_labels: ['__path__'], regex: POD_LOG_PATH, target_label, replacement },
  };
}

function job(): AlloyBlock {
  return {
    block: 'rule',
    attributes: { source_labels: ['namespace', 'container'], separator: '/', target_label: 'job' },
  };
}

/** The mark `format` keeps a line that Docker's stage has unwrapped away from the CRI's. */
function formats(): AlloyBlock[] {
  return [
    {
      block: 'stage.match',
      attributes: { selector: '{container=~".+"} |~ "^\\\\{"' },
      blocks: [
        { block: 'stage.docker' },
        { block: 'stage.static_labels', attributes: { values: { format: 'docker' } } },
      ],
    },
    {
      block: 'stage.match',
      attributes: { selector: '{container=~".+", format!="docker"}' },
      blocks: [{ block: 'stage.cri' }],
    },
    { block: 'stage.label_drop', attributes: { values: ['format', 'filename'] } },
  ];
}

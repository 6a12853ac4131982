import { POD_LOG_PATH, POD_LOGS } from '../log-files';
import { type AlloyBlock, type AlloyValue, rawAlloyExpression } from './syntax';

/**
 * Returns the blocks that find the log files of the node's containers, and derive the labels of the lines from the
 * paths.
 */
export function logFileDiscoveryBlocks(): AlloyBlock[] {
  return [
    {
      block: 'local.file_match',
      label: 'pods',
      attributes: { path_targets: [{ __path__: POD_LOGS }] },
    },
    relabelBlock('local.file_match.pods.targets', [
      labelFromPathRelabelRule('namespace', '$1'),
      labelFromPathRelabelRule('pod', '$2'),
      labelFromPathRelabelRule('container', '$3'),
      JOB_RULE,
    ]),
  ];
}

/**
 * Returns the blocks that discover the node's containers through the API server, and derive the labels of the lines
 * from the pods.
 */
export function apiServerDiscoveryBlocks(): AlloyBlock[] {
  const metaLabelName = (name: string) => `__meta_kubernetes_${name}`;
  const labelCopyRelabelRule = (source: string, target: string) =>
    relabelRule({ source_labels: [metaLabelName(source)], target_label: target });
  return [
    {
      block: 'discovery.kubernetes',
      label: 'pods',
      attributes: { role: 'pod' },
      blocks: [
        {
          block: 'selectors',
          attributes: { role: 'pod', field: rawAlloyExpression('"spec.nodeName=" + sys.env("NODE_NAME")') },
        },
      ],
    },
    {
      block: 'discovery.relabel',
      label: 'containers',
      attributes: { targets: rawAlloyExpression('discovery.kubernetes.pods.targets') },
      blocks: [
        labelCopyRelabelRule('namespace', 'namespace'),
        labelCopyRelabelRule('pod_name', 'pod'),
        labelCopyRelabelRule('pod_container_name', 'container'),
        labelCopyRelabelRule('pod_label_app_kubernetes_io_name', 'app'),
        JOB_RULE,
        relabelRule({
          source_labels: [metaLabelName('pod_uid'), metaLabelName('pod_container_name')],
          separator: '/',
          target_label: '__path__',
          replacement: '/var/log/pods/*$1/*.log',
        }),
      ],
    },
    {
      block: 'local.file_match',
      label: 'pods',
      attributes: { path_targets: rawAlloyExpression('discovery.relabel.containers.output') },
    },
    relabelBlock('local.file_match.pods.targets', []),
  ];
}

function relabelBlock(targets: string, blocks: readonly AlloyBlock[]): AlloyBlock {
  return {
    block: 'discovery.relabel',
    label: 'pods',
    attributes: { targets: rawAlloyExpression(targets) },
    blocks,
  };
}

function relabelRule(attributes: Readonly<Record<string, AlloyValue>>): AlloyBlock {
  return { block: 'rule', attributes };
}

function labelFromPathRelabelRule(target_label: string, replacement: string): AlloyBlock {
  return relabelRule({ source_labels: ['__path__'], regex: POD_LOG_PATH, target_label, replacement });
}

const JOB_RULE = relabelRule({
  source_labels: ['namespace', 'container'],
  separator: '/',
  target_label: 'job',
});

import { POD_LOG_PATH, POD_LOGS } from '../log-agent';
import { type AlloyBlock, type AlloyValue, ref } from './syntax';

/** Discovers the node's containers by their log files. */
export function podsOfTheFileSystem(): AlloyBlock[] {
  return [
    {
      block: 'local.file_match',
      label: 'pods',
      attributes: { path_targets: [{ __path__: POD_LOGS }] },
    },
    relabel('local.file_match.pods.targets', [
      fromPath('namespace', '$1'),
      fromPath('pod', '$2'),
      fromPath('container', '$3'),
      JOB,
    ]),
  ];
}

/** Discovers the node's containers through the API server. */
export function podsOfTheApiServer(): AlloyBlock[] {
  const meta = (name: string) => `__meta_kubernetes_${name}`;
  const copy = (source: string, target: string) =>
    rule({ source_labels: [meta(source)], target_label: target });
  return [
    {
      block: 'discovery.kubernetes',
      label: 'pods',
      attributes: { role: 'pod' },
      blocks: [
        {
          block: 'selectors',
          attributes: { role: 'pod', field: ref('"spec.nodeName=" + sys.env("NODE_NAME")') },
        },
      ],
    },
    {
      block: 'discovery.relabel',
      label: 'containers',
      attributes: { targets: ref('discovery.kubernetes.pods.targets') },
      blocks: [
        copy('namespace', 'namespace'),
        copy('pod_name', 'pod'),
        copy('pod_container_name', 'container'),
        copy('pod_label_app_kubernetes_io_name', 'app'),
        JOB,
        rule({
          source_labels: [meta('pod_uid'), meta('pod_container_name')],
          separator: '/',
          target_label: '__path__',
          replacement: '/var/log/pods/*$1/*.log',
        }),
      ],
    },
    {
      block: 'local.file_match',
      label: 'pods',
      attributes: { path_targets: ref('discovery.relabel.containers.output') },
    },
    relabel('local.file_match.pods.targets', []),
  ];
}

function relabel(targets: string, blocks: readonly AlloyBlock[]): AlloyBlock {
  return { block: 'discovery.relabel', label: 'pods', attributes: { targets: ref(targets) }, blocks };
}

function rule(attributes: Readonly<Record<string, AlloyValue>>): AlloyBlock {
  return { block: 'rule', attributes };
}

function fromPath(target_label: string, replacement: string): AlloyBlock {
  return rule({ source_labels: ['__path__'], regex: POD_LOG_PATH, target_label, replacement });
}

const JOB = rule({ source_labels: ['namespace', 'container'], separator: '/', target_label: 'job' });

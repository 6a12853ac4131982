import { createHash } from 'node:crypto';
import { Chart, Lazy, Yaml } from 'cdk8s';
import { Construct } from 'constructs';
import { k8s } from './k8s';
import type { Identity } from './labels';
import { apiObject } from './objects';
import { digest, remembered } from './remembered';

/** The files of a ConfigMap, by name. */
export type Files = Readonly<Record<string, string>>;

/** Properties for `ConfigFiles`. */
export interface ConfigFilesProps {
  readonly name: string;
  readonly namespace: string;
  readonly identity: Identity;
  /** Called when the manifests are written, so that what is added meanwhile is in the files. */
  readonly files: () => Files;
}

/** By chart, what several workloads of it read. */
const shared = new WeakMap<Chart, Map<string, ConfigFiles>>();

/** Configuration files in a ConfigMap, and the checksum that rolls the pods which read them. */
export class ConfigFiles extends Construct {
  /** The files that another workload of the chart has under that name already, or new ones. */
  static shared(scope: Construct, id: string, props: ConfigFilesProps): ConfigFiles {
    const chart = Chart.of(scope);
    const ofChart = shared.get(chart) ?? new Map<string, ConfigFiles>();
    shared.set(chart, ofChart);
    const key = `${props.namespace}/${props.name}`;
    const files = ofChart.get(key) ?? new ConfigFiles(scope, id, props);
    ofChart.set(key, files);
    return files;
  }

  readonly name: string;
  readonly files: () => Files;

  constructor(scope: Construct, id: string, props: ConfigFilesProps) {
    super(scope, id);
    this.name = props.name;
    this.files = props.files;
    apiObject(this, 'Default', {
      ...k8s.KubeConfigMap.GVK,
      metadata: { name: props.name, namespace: props.namespace, labels: props.identity.labels },
      data: Lazy.any({ produce: () => props.files() }),
    });
  }

  /** The files as a volume. */
  volume(name: string): k8s.Volume {
    return { name, configMap: { name: this.name, defaultMode: 0o444 } };
  }
}

/**
 * The annotation that changes with the files, by which a change reaches the pods that read them; none
 * without files.
 */
export function checksum(configs: readonly ConfigFiles[]): Record<string, string> | undefined {
  if (configs.length === 0) return undefined;
  const content = () => configs.map(({ name, files }) => [name, Object.entries(files()).sort()]);
  return { 'checksum/config': Lazy.any({ produce: () => sha256(JSON.stringify(content())) }) };
}

/**
 * A configuration as YAML: the one place where typed objects become text. What is used in several places
 * is written out in each: a reader of YAML anchors is not every program.
 */
export const yaml = (config: object): string => yamlOf(JSON.stringify(config));

/** Remembered: a ConfigMap and its checksum ask for the same text, and so do a thousand groups of nodes. */
const yamlOf = remembered('YAML', (json: string): string => Yaml.stringify(JSON.parse(json)), digest);

/** A configuration as INI: sections of keys. */
export function ini(
  sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>,
): string {
  return Object.entries(sections)
    .map(([section, keys]) =>
      [`[${section}]`, ...Object.entries(keys).map(([key, value]) => `${key} = ${value}`), ''].join('\n'),
    )
    .join('\n');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

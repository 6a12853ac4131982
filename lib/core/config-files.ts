import { createHash } from 'node:crypto';
import { Chart, Lazy } from 'cdk8s';
import { Construct } from 'constructs';
import { k8s } from './k8s';
import type { Identity } from './labels';
import { createApiObject } from './objects';

/** Content of the files in a ConfigMap, by file name. */
export type Files = Readonly<Record<string, string>>;

/** Properties for `ConfigFiles`. */
export interface ConfigFilesProps {
  readonly name: string;
  readonly namespace: string;
  readonly identity: Identity;
  /** Returns the files. The function is called at the end of the synthesis, when all files are known. */
  readonly files: () => Files;
}

/** For each chart, the ConfigMaps that several workloads mount. */
const sharedConfigFiles = new WeakMap<Chart, Map<string, ConfigFiles>>();

/**
 * A ConfigMap with configuration files. Pods that mount the ConfigMap have a checksum annotation, so that a changed
 * file restarts the pods.
 */
export class ConfigFiles extends Construct {
  /** Returns the ConfigMap with this namespace and name in the chart. Creates it at the first call. */
  static findOrCreate(scope: Construct, id: string, props: ConfigFilesProps): ConfigFiles {
    const chart = Chart.of(scope);
    const ofChart = sharedConfigFiles.get(chart) ?? new Map<string, ConfigFiles>();
    sharedConfigFiles.set(chart, ofChart);
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
    createApiObject(this, 'Default', {
      ...k8s.KubeConfigMap.GVK,
      metadata: { name: props.name, namespace: props.namespace, labels: props.identity.labels },
      data: Lazy.any({ produce: () => props.files() }),
    });
  }

  /** Returns the ConfigMap as a volume. */
  toVolume(name: string): k8s.Volume {
    return { name, configMap: { name: this.name, defaultMode: 0o444 } };
  }
}

/**
 * Returns the pod annotation with the checksum of the files, so that a changed file restarts the pods. Returns
 * `undefined` if there are no ConfigMaps.
 */
export function checksumAnnotation(configs: readonly ConfigFiles[]): Record<string, string> | undefined {
  if (configs.length === 0) return undefined;
  const namesAndSortedFilesOfConfigMaps = () =>
    configs.map(
      ({ name, files }): NamedFiles => [
        name,
        Object.entries(files()).sort(([one], [other]) => (one < other ? -1 : 1)),
      ],
    );
  return {
    'checksum/config': Lazy.any({ produce: () => checksumOfConfigMaps(namesAndSortedFilesOfConfigMaps()) }),
  };
}

/** Name of a ConfigMap, and its files: name and content. */
type NamedFiles = readonly [name: string, files: readonly (readonly [string, string])[]];

/**
 * Node of the cache of checksums, which is a tree. The path from the root to a checksum consists of the names and files
 * of the ConfigMaps. A search in the tree takes much less time than computing a hash, and environments have most of
 * their files in common.
 */
interface KnownChecksums {
  readonly next: Map<string, KnownChecksums>;
  checksum?: string;
}

/** Maximum number of nodes in the cache of checksums. A larger cache is emptied, so that memory use stays limited. */
const MAX_TEXTS = 2_000;

const known: KnownChecksums = { next: new Map() };
let texts = 0;

/** Returns the checksum of ConfigMaps and their files. Reads the checksum from the cache if possible. */
function checksumOfConfigMaps(configs: readonly NamedFiles[]): string {
  if (texts > MAX_TEXTS) {
    known.next.clear();
    texts = 0;
  }
  let place = known;
  for (const text of configs.flatMap(([name, files]) => [name, String(files.length), ...files.flat()])) {
    let next = place.next.get(text);
    if (!next) {
      next = { next: new Map() };
      place.next.set(text, next);
      texts += 1;
    }
    place = next;
  }
  place.checksum ??= shortHash(JSON.stringify(configs));
  return place.checksum;
}

/** Renders a configuration as an INI file. @param sections values by section and key */
export function renderIni(
  sections: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>,
): string {
  return Object.entries(sections)
    .map(([section, keys]) =>
      [`[${section}]`, ...Object.entries(keys).map(([key, value]) => `${key} = ${value}`), ''].join('\n'),
    )
    .join('\n');
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

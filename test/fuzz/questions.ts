import { parse, stringify } from 'yaml';
import type { RenderedObject } from '../../lib/tools/synthesis/render';

/** Input of a program. In texts and arguments, `{folder}` is replaced by the folder of the files. */
export interface Question {
  readonly program:
    | 'promtool'
    | 'promtool rules'
    | 'amtool'
    | 'nginx'
    | 'nginx-js'
    | 'vmagent'
    | 'node_exporter'
    | 'loki'
    | 'fluent-bit'
    | 'promtail';
  /** Arguments of every call. */
  readonly args: readonly string[];
  /** Arguments for this content: a call with several contents has those of all. */
  readonly about: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
}

/** Everything that programs can be asked about some objects. */
export const questionsOf = (objects: readonly RenderedObject[]): Question[] =>
  objects.flatMap(({ manifest }) => {
    const { containers = [] } = manifest.spec?.template?.spec ?? {};
    const { name } = manifest.metadata;
    if (manifest.kind === 'ConfigMap') return filesOf(name, { ...manifest.data }, pushListenerOf(objects));
    return (containers as readonly Container[]).flatMap((one) => argumentsOf(one));
  });

const prometheusConfig = (text: string): Question => ({
  program: 'promtool',
  args: ['check', 'config', '--syntax-only'],
  about: ['{folder}/a.yaml'],
  files: { 'a.yaml': withOption(text, 'rule_files', []) },
});

/** The program that the configuration of a push listener imports, which is in a ConfigMap of its own. */
const pushListenerOf = (objects: readonly RenderedObject[]): string =>
  objects.find(({ manifest }) => /-push-listener$/.test(manifest.metadata.name))?.manifest.data?.[
    'main.mjs'
  ] ?? '';

function filesOf(name: string, data: Readonly<Record<string, string>>, pushListener: string): Question[] {
  const of = (key: string, question: (text: string) => Question): Question[] =>
    typeof data[key] === 'string' && !isRules(data[key]) ? [question(data[key])] : [];
  return [
    ...['prometheus.yaml', 'prometheus-0.yaml', 'prometheus-1.yaml'].flatMap((key) =>
      of(key, prometheusConfig),
    ),
    ...of('alertmanager.yaml', (text) => ({
      program: 'amtool',
      args: ['check-config'],
      about: ['{folder}/a.yaml'],
      files: { 'a.yaml': withOption(text, 'templates', []) },
    })),
    ...of('nginx.conf', (text) => nginx(text, pushListener)),
    ...of('scrape.yaml', (text) => vmagent(text, data['relabel.yaml'])),
    ...(data['scrape.yaml'] ? [] : of('relabel.yaml', (text) => vmagent('scrape_configs: []\n', text))),
    ...of('loki.yaml', (text) => loki(text, data['overrides.yaml'])),
    ...of('fluent-bit.yaml', (text) => ({
      program: 'fluent-bit',
      args: ['--dry-run'],
      about: ['--config', '{folder}/fluent-bit.yaml'],
      files: {
        ...data,
        ...{ username: 'edge', password: 'password' },
        'fluent-bit.yaml': text.replaceAll(/\/[\w/-]+\/(?=\w+\.lua|username|password)/g, '{folder}/'),
      },
    })),
    ...of('promtail.yaml', (text) => ({
      program: 'promtail',
      args: ['-check-syntax'],
      about: ['-config.file={folder}/promtail.yaml'],
      files: { 'promtail.yaml': text },
    })),
    // Loki's own rules are in another language.
    ...(/loki/.test(name)
      ? []
      : Object.values(data)
          .filter((text) => isRules(text))
          .map((text) => rules(text))),
  ];
}

const isRules = (text: string): boolean => text.startsWith('groups:');

const rules = (text: string): Question => ({
  program: 'promtool rules',
  args: ['check', 'rules', '--lint=none'],
  about: ['{folder}/a.yaml'],
  files: { 'a.yaml': text },
});

/** Files that it names are checked, or are not there. */
const withOption = (text: string, option: string, value: unknown): string =>
  stringify({ ...parse(text), [option]: value });

/** Names of Services are only known in a cluster; the rest of each line is kept. */
const nginx = (text: string, pushListener: string): Question => ({
  program: /^ *js_import /m.test(text) ? 'nginx-js' : 'nginx',
  args: ['-t', '-q'],
  about: ['-e', 'stderr', '-c', '{folder}/nginx.conf'],
  files: {
    'main.mjs': pushListener,
    'nginx.conf': text
      .replaceAll(/^(\s*js_path ).*;$/gm, '$1{folder};')
      .replaceAll(/^(\s*server )[A-Za-z0-9.-]+(:\d+;)$/gm, '$1127.0.0.1$2')
      .replaceAll(' /tmp/', ' {folder}/')
      .replaceAll(' /dev/stdout', ' {folder}/access.log'),
  },
});

const vmagent = (scrape: string, relabel = '[]\n'): Question => ({
  program: 'vmagent',
  args: ['-dryRun', '-remoteWrite.url=http://127.0.0.1:1/', '-promscrape.config.strictParse=true'],
  about: [
    '-promscrape.config={folder}/scrape.yaml',
    '-remoteWrite.relabelConfig={folder}/relabel.yaml',
    '-remoteWrite.tmpDataPath={folder}/queue',
  ],
  files: { 'scrape.yaml': scrape, 'relabel.yaml': relabel, 'queue/none': '' },
});

const loki = (text: string, overrides = 'overrides: {}\n'): Question => ({
  program: 'loki',
  args: ['-verify-config', '-config.expand-env=true'],
  about: ['-config.file={folder}/loki.yaml'],
  files: {
    'loki.yaml': text.replaceAll(/(per_tenant_override_config: ).*$/gm, '$1{folder}/overrides.yaml'),
    'overrides.yaml': overrides,
  },
});

/** Collectors that the installed release is too old for: a test compares the list. */
const NEW_COLLECTORS = /dmmultipath|nvmesubsystem/;

function argumentsOf({ image, args = [] }: Container): Question[] {
  const about = args.filter((argument) => !NEW_COLLECTORS.test(argument));
  // Its parser reads all flags before it prints its version.
  if (/node-exporter[:@]/.test(image))
    return [{ program: 'node_exporter', args: ['--version'], about, files: {} }];
  if (!/vmagent[:@]/.test(image)) return [];
  const dry = vmagent('scrape_configs: []\n');
  return [{ ...dry, about: [...about.filter((argument) => !ofFiles.test(argument)), ...dry.about] }];
}

/** Flags that name files, which are not there, and the address, which a flag of its own is for. */
const ofFiles =
  /^-(promscrape\.config|remoteWrite\.(url|relabelConfig|tmpDataPath|basicAuth\.\w+|tlsCAFile|headers))=/;

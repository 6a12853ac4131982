import { CONTROLLERS, isControllerName } from './controllers';
import type { Answers } from './questions';

/** Assumed log volume per node and day in new environments. Users know the real volume only when their workloads run. */
const LOGS_PER_NODE = '10Mi';

/** Identifiers that main.ts, the file of an environment and their imports already use. */
const USED_IDENTIFIERS = [
  'app',
  'await',
  'exports',
  'logs',
  'module',
  'require',
  'run',
  'settings',
  'sinks',
  'undefined',
  ...Object.values(CONTROLLERS).map(({ functionName }) => functionName),
];

/**
 * Returns the name of the constant that the file of an environment exports: `edgeNorth` for the environment `edge-north`. A
 * name that is reserved, already used or does not start with a letter gets the prefix `_`.
 */
export function environmentConstantName(name: string): string {
  const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()).replaceAll('-', '_');
  const isFree = /^[a-z]/.test(camel) && !USED_IDENTIFIERS.includes(camel) && !isReservedWord(camel);
  return isFree ? camel : `_${camel}`;
}

function isReservedWord(word: string): boolean {
  try {
    new Function(`"use strict"; const ${word} = 0;`);
    return false;
  } catch {
    return true;
  }
}

/**
 * Renders the TypeScript file of an environment, with its settings and charts.
 * @param library the module to import from, such as `../lib`
 */
export function renderEnvironmentFile(answers: Answers, library: string): string {
  const { name = '', controller = '' } = answers;
  const { functionName } = isControllerName(controller)
    ? CONTROLLERS[controller]
    : CONTROLLERS['ingress-nginx'];
  const names = ['CloudChart', 'EdgeChart', 'type Environment', functionName, 'type Settings'];
  return `${renderImport(names.sort(compareImportedNames), library)}

const settings: Settings = ${renderValueAsTypeScript(buildSettingsFromAnswers(answers, functionName), '')};

export const ${environmentConstantName(name)}: Environment = (app) => {
  const { sinks, logs } = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics: sinks, logs });
};
`;
}

/** Maximum length of a line that the formatter (Biome) does not wrap. */
const LINE_WIDTH = 110;

/** Renders an import statement, on several lines if the statement is longer than `LINE_WIDTH`. */
function renderImport(names: readonly string[], library: string): string {
  const line = `import { ${names.join(', ')} } from ${encloseInSingleQuotes(library)};`;
  if (line.length <= LINE_WIDTH) return line;
  return `import {\n${names.map((name) => `  ${name},\n`).join('')}} from ${encloseInSingleQuotes(library)};`;
}

/** Compares imported names as the formatter (Biome) sorts them. */
const compareImportedNames = (one: string, other: string): number => {
  const importSortKey = (text: string) => text.replace('type ', '').toLowerCase();
  return importSortKey(one) < importSortKey(other) ? -1 : 1;
};

/** Source code that is the value of a setting, and an optional comment for the line above the setting. */
class SourceCode {
  constructor(
    readonly text: string,
    readonly comment?: string,
  ) {}
}

type SettingValue = string | SourceCode | { readonly [key: string]: SettingValue | undefined };

function buildSettingsFromAnswers(answers: Answers, maker: string): SettingValue {
  const { name = '', metricsHost = '', logsHost = '', grafanaHost, namespace = '' } = answers;
  const { storageClass, controllerNamespace = '', clusterIssuer, nodes = '', transport = '' } = answers;
  return {
    cluster: name,
    hosts: { metrics: metricsHost, logs: logsHost, grafana: grafanaHost },
    namespaces: { cloud: namespace, nodes: `${namespace}-nodes`, edge: `${namespace}-edge` },
    storage: storageClass === undefined ? undefined : { className: storageClass },
    ingress: {
      controller: new SourceCode(`${maker}({ namespace: ${encloseInSingleQuotes(controllerNamespace)} })`),
      tls: clusterIssuer === undefined ? undefined : { clusterIssuer },
    },
    edge: {
      transport,
      fleet: {
        nodes: new SourceCode(nodes),
        logs: new SourceCode(
          encloseInSingleQuotes(LOGS_PER_NODE),
          'Assumed log volume of a node per day. It determines the size of Loki.',
        ),
      },
    },
  };
}

function renderValueAsTypeScript(value: SettingValue, indent: string): string {
  if (typeof value === 'string') return encloseInSingleQuotes(value);
  if (value instanceof SourceCode) return value.text;
  const deeper = `${indent}  `;
  const lines = Object.entries(value).flatMap(([key, held]) => {
    if (held === undefined) return [];
    const comment = held instanceof SourceCode && held.comment ? [`${deeper}// ${held.comment}`] : [];
    return [...comment, `${deeper}${key}: ${renderValueAsTypeScript(held, deeper)},`];
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

/**
 * Puts a text in single quotes. The text needs no escaping, because the answers of `init` cannot contain quotes and
 * backslashes.
 */
const encloseInSingleQuotes = (text: string): string => `'${text}'`;

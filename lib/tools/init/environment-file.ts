import { CONTROLLERS, isControllerName } from './controllers';
import type { Answers } from './questions';

/** An assumption: the real log volume is only known when the workloads run. */
const LOGS_PER_NODE = '10Mi';

/** Identifiers that an environment's file, main.ts and their imports already use. */
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

/** Returns the unique identifier of the constant that an environment's file exports. */
export function constantName(name: string): string {
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

/** Returns the TypeScript source of an environment: its settings and charts. */
export function renderEnvironmentFile(answers: Answers, library: string): string {
  const { name = '', controller = '' } = answers;
  const { functionName } = isControllerName(controller)
    ? CONTROLLERS[controller]
    : CONTROLLERS['ingress-nginx'];
  const names = ['CloudChart', 'EdgeChart', 'type Environment', functionName, 'type Settings'];
  return `${importStatement(names.sort(compareByName), library)}

const settings: Settings = ${renderTypeScript(settingsValue(answers, functionName), '')};

export const ${constantName(name)}: Environment = (app) => {
  const { sinks, logs } = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics: sinks, logs });
};
`;
}

/** Longest line that this project's formatter leaves as it is. */
const LINE_WIDTH = 110;

function importStatement(names: readonly string[], library: string): string {
  const line = `import { ${names.join(', ')} } from ${singleQuote(library)};`;
  if (line.length <= LINE_WIDTH) return line;
  return `import {\n${names.map((name) => `  ${name},\n`).join('')}} from ${singleQuote(library)};`;
}

/** Sort order of imports, like the formatter's. */
const compareByName = (one: string, other: string): number => {
  const bare = (text: string) => text.replace('type ', '').toLowerCase();
  return bare(one) < bare(other) ? -1 : 1;
};

/** Source code, with an optional comment. */
class SourceCode {
  constructor(
    readonly text: string,
    readonly comment?: string,
  ) {}
}

type Value = string | SourceCode | { readonly [key: string]: Value | undefined };

function settingsValue(answers: Answers, maker: string): Value {
  const { name = '', metricsHost = '', logsHost = '', grafanaHost, namespace = '' } = answers;
  const { storageClass, controllerNamespace = '', clusterIssuer, nodes = '', transport = '' } = answers;
  return {
    cluster: name,
    hosts: { metrics: metricsHost, logs: logsHost, grafana: grafanaHost },
    namespaces: { cloud: namespace, nodes: `${namespace}-nodes`, edge: `${namespace}-edge` },
    storage: storageClass === undefined ? undefined : { className: storageClass },
    ingress: {
      controller: new SourceCode(`${maker}({ namespace: ${singleQuote(controllerNamespace)} })`),
      tls: clusterIssuer === undefined ? undefined : { clusterIssuer },
    },
    edge: {
      transport,
      fleet: {
        nodes: new SourceCode(nodes),
        logs: new SourceCode(
          singleQuote(LOGS_PER_NODE),
          'Log volume of a node per day: an assumption, from which Loki is sized.',
        ),
      },
    },
  };
}

function renderTypeScript(value: Value, indent: string): string {
  if (typeof value === 'string') return singleQuote(value);
  if (value instanceof SourceCode) return value.text;
  const deeper = `${indent}  `;
  const lines = Object.entries(value).flatMap(([key, held]) => {
    if (held === undefined) return [];
    const comment = held instanceof SourceCode && held.comment ? [`${deeper}// ${held.comment}`] : [];
    return [...comment, `${deeper}${key}: ${renderTypeScript(held, deeper)},`];
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

/** Quotes and backslashes are excluded by the rules. */
const singleQuote = (text: string): string => `'${text}'`;

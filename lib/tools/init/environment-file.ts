import { CONTROLLERS, isControllerName } from './controllers';
import type { Answers } from './questions';

/** A guess: what the containers of a node write in a day is known when they run. */
const LOGS_A_NODE = '10Mi';

/** Names that an environment's file, main.ts and their modules use themselves. */
const TAKEN = [
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
  ...Object.values(CONTROLLERS).map(({ maker }) => maker),
];

/** The constant that a file exports for an environment of this name, and of no other one: main.ts has them all. */
export function constantFor(name: string): string {
  const camel = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()).replaceAll('-', '_');
  const isFree = /^[a-z]/.test(camel) && !TAKEN.includes(camel) && !isReserved(camel);
  return isFree ? camel : `_${camel}`;
}

function isReserved(word: string): boolean {
  try {
    new Function(`"use strict"; const ${word} = 0;`);
    return false;
  } catch {
    return true;
  }
}

/** The TypeScript of an environment: its settings, and the charts that they make. */
export function environmentFile(answers: Answers, library: string): string {
  const { name = '', controller = '' } = answers;
  const { maker } = isControllerName(controller) ? CONTROLLERS[controller] : CONTROLLERS['ingress-nginx'];
  const names = ['CloudChart', 'EdgeChart', 'type Environment', maker, 'type Settings'];
  return `import { ${names.sort(byName).join(', ')} } from ${quoted(library)};

const settings: Settings = ${typescript(settingsOf(answers, maker), '')};

export const ${constantFor(name)}: Environment = (app) => {
  const { sinks, logs } = new CloudChart(app, 'cloud', { settings });
  new EdgeChart(app, 'edge', { settings, metrics: sinks, logs });
};
`;
}

/** As the formatter sorts imports. */
const byName = (one: string, other: string): number => {
  const bare = (text: string) => text.replace('type ', '').toLowerCase();
  return bare(one) < bare(other) ? -1 : 1;
};

/** Code that stands for itself, after a comment if there is one. */
class Code {
  constructor(
    readonly text: string,
    readonly comment?: string,
  ) {}
}

type Value = string | Code | { readonly [key: string]: Value | undefined };

function settingsOf(answers: Answers, maker: string): Value {
  const { name = '', metricsHost = '', logsHost = '', grafanaHost, namespace = '' } = answers;
  const { storageClass, controllerNamespace = '', clusterIssuer, nodes = '', transport = '' } = answers;
  return {
    cluster: name,
    hosts: { metrics: metricsHost, logs: logsHost, grafana: grafanaHost },
    namespaces: { cloud: namespace, nodes: `${namespace}-nodes`, edge: `${namespace}-edge` },
    storage: storageClass === undefined ? undefined : { className: storageClass },
    ingress: {
      controller: new Code(`${maker}({ namespace: ${quoted(controllerNamespace)} })`),
      tls: clusterIssuer === undefined ? undefined : { clusterIssuer },
    },
    edge: {
      transport,
      fleet: {
        nodes: new Code(nodes),
        logs: new Code(
          quoted(LOGS_A_NODE),
          'What the containers of a node write in a day: a guess, by which Loki is sized.',
        ),
      },
    },
  };
}

function typescript(value: Value, indent: string): string {
  if (typeof value === 'string') return quoted(value);
  if (value instanceof Code) return value.text;
  const deeper = `${indent}  `;
  const lines = Object.entries(value).flatMap(([key, held]) => {
    if (held === undefined) return [];
    const comment = held instanceof Code && held.comment ? [`${deeper}// ${held.comment}`] : [];
    return [...comment, `${deeper}${key}: ${typescript(held, deeper)},`];
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

/** Rules let no quote and no backslash through. */
const quoted = (text: string): string => `'${text}'`;

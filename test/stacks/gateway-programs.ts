import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containersOf, findOnly, type Manifest } from '../support/manifests';

/** A program, as it runs without a container. */
export interface Program {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const container = (objects: readonly Manifest[], name: string) =>
  containersOf(findOnly(objects, 'StatefulSet', 'metrics-gateway')).find((one) => one.name === name);

function variables(objects: readonly Manifest[], name: string): Record<string, string> {
  const env = (container(objects, name)?.env ?? []) as { name: string; value: string }[];
  return Object.fromEntries(env.map((one) => [one.name, one.value]));
}

/** The vmagent of the gateway in manifests, with the values of some of its flags changed to the test's. */
export function gatewayProgram(
  objects: readonly Manifest[],
  changed: Readonly<Record<string, string>>,
): Program {
  const args = ((container(objects, 'metrics-gateway')?.args ?? []) as string[]).map((arg) => {
    const [flag = ''] = arg.split('=');
    return changed[flag] === undefined ? arg : `${flag}=${changed[flag]}`;
  });
  return { args, env: variables(objects, 'metrics-gateway') };
}

/** The filter of the gateway in manifests, its files in a folder, with some of its variables changed to the test's. */
export function filterProgram(
  objects: readonly Manifest[],
  folder: string,
  changed: Readonly<Record<string, string>>,
  container = 'write-filter',
): Program {
  return scriptProgram(objects, 'write-filter', folder, changed, container);
}

/** The same of the limiter of series, with the limits of the manifests. It needs the Node.js of the stack's image. */
export function limiterProgram(
  objects: readonly Manifest[],
  folder: string,
  changed: Readonly<Record<string, string>>,
): Program {
  const { data } = findOnly(objects, 'ConfigMap', 'metrics-gateway-config');
  const limitsFile = join(folder, 'limits.json');
  mkdirSync(folder, { recursive: true });
  writeFileSync(limitsFile, (data as Record<string, string>)['limits.json'] as string);
  return scriptProgram(objects, 'series-limiter', folder, {
    LIMITS_FILE: limitsFile,
    STATE_FILE: join(folder, 'state.json'),
    ...changed,
  });
}

function scriptProgram(
  objects: readonly Manifest[],
  name: string,
  folder: string,
  changed: Readonly<Record<string, string>>,
  containerName = name,
): Program {
  mkdirSync(folder, { recursive: true });
  const { data } = findOnly(objects, 'ConfigMap', `metrics-gateway-${name}`);
  for (const [file, text] of Object.entries(data as Record<string, string>)) {
    writeFileSync(join(folder, file), text);
  }
  const [, ...command] = (container(objects, containerName)?.command ?? []) as string[];
  return {
    args: [...command.slice(0, -1), join(folder, 'main.mjs')],
    env: { ...variables(objects, containerName), ...changed },
  };
}

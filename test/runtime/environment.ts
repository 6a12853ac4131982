import type { ContainerSpec, EnvVar } from './pod-spec';
import { contents, type Lookup } from './volumes';

/** Fields of a pod for the downward API, by field path. */
export type PodFields = Readonly<Record<string, string>>;

type Environment = Record<string, string>;

/**
 * A container's environment: the runtime's own variables, then the manifest's, each of which may
 * refer to those before it.
 *
 * @throws Error that names a source which the runtime does not know.
 */
export function environment(
  spec: ContainerSpec,
  fields: PodFields,
  own: Readonly<Environment>,
  lookup: Lookup,
): Environment {
  const env: Environment = { ...own };
  for (const variable of spec.env ?? []) env[variable.name] = read(variable, fields, env, lookup);
  return env;
}

/** Replaces `$(NAME)` by the variable if it exists; `$$` is an escaped dollar sign. */
export function expand(text: string, env: Readonly<Environment>): string {
  return text.replace(/\$\$|\$\(([^)]+)\)/g, (match, name) => (match === '$$' ? '$' : (env[name] ?? match)));
}

function read(
  { name, value = '', valueFrom }: EnvVar,
  fields: PodFields,
  env: Environment,
  lookup: Lookup,
): string {
  if (!valueFrom) return expand(value, env);
  if (valueFrom.secretKeyRef) return ofSecret(valueFrom.secretKeyRef, lookup);
  const path = valueFrom.fieldRef?.fieldPath ?? JSON.stringify(valueFrom);
  const field = fields[path];
  if (field === undefined)
    throw new Error(`variable ${name}: the test runtime does not know ${path}: teach it`);
  return field;
}

function ofSecret({ name, key }: { readonly name: string; readonly key: string }, lookup: Lookup): string {
  const value = contents(lookup('Secret', name))[key];
  if (value === undefined) throw new Error(`the Secret ${name} has no key ${key}`);
  return value.toString('utf8');
}

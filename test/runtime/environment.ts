import type { ContainerSpec, EnvVar } from './pod-spec';
import { contents, type Lookup } from './volumes';

/** Values of pod fields for the downward API, by field path such as `status.podIP`. */
export type PodFields = Readonly<Record<string, string>>;

type Environment = Record<string, string>;

/**
 * Returns the environment variables of a container: first the variables of the runtime, then the variables of the
 * manifest. A variable may refer to variables before it.
 * @throws Error if a variable has a source that the runtime does not support
 */
export function containerEnvironment(
  spec: ContainerSpec,
  fields: PodFields,
  own: Readonly<Environment>,
  lookup: Lookup,
): Environment {
  const env: Environment = { ...own };
  for (const variable of spec.env ?? []) env[variable.name] = resolveVariable(variable, fields, env, lookup);
  return env;
}

/** Replaces `$(NAME)` by the value of the variable NAME if it exists, and `$$` by a dollar sign. */
export function expand(text: string, env: Readonly<Environment>): string {
  return text.replace(/\$\$|\$\(([^)]+)\)/g, (match, name) => (match === '$$' ? '$' : (env[name] ?? match)));
}

function resolveVariable(
  { name, value = '', valueFrom }: EnvVar,
  fields: PodFields,
  env: Environment,
  lookup: Lookup,
): string {
  if (!valueFrom) return expand(value, env);
  if (valueFrom.secretKeyRef) return readSecretKey(valueFrom.secretKeyRef, lookup);
  const path = valueFrom.fieldRef?.fieldPath ?? JSON.stringify(valueFrom);
  const field = fields[path];
  if (field === undefined)
    throw new Error(
      `variable ${name}: the test runtime does not support the source ${path}: add it in test/runtime/environment.ts`,
    );
  return field;
}

function readSecretKey(
  { name, key }: { readonly name: string; readonly key: string },
  lookup: Lookup,
): string {
  const value = contents(lookup('Secret', name))[key];
  if (value === undefined) throw new Error(`Secret ${name} has no key ${key}`);
  return value.toString('utf8');
}

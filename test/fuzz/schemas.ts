import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { RenderedObject } from '../../lib/tools/synthesis/render';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-group-version-kind'?: readonly { group: string; version: string; kind: string }[];
}

type Definitions = Readonly<Record<string, Schema>>;

/** Definitions of Kubernetes, a file for each version, such as `v1.36.json`, as its API serves them at `/openapi/v2`. */
const FOLDER = process.env.KUBERNETES_SCHEMAS ?? '../shared/kubernetes-schemas';

/** The available schemas of all kinds in the stack: Kubernetes's own, and those of custom resources. */
export class Schemas {
  private readonly versions: ReadonlyMap<number, { byKind: Map<string, Schema>; definitions: Definitions }>;
  private readonly custom = customResources();

  constructor() {
    const files = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
    this.versions = new Map(
      files.flatMap((file) => {
        const minor = Number(/^v1\.(\d+)\.json$/.exec(file)?.[1]);
        return minor >= 22 ? [[minor, kindsOf(join(FOLDER, file))] as const] : [];
      }),
    );
  }

  /** Whether those of Kubernetes are missing. */
  get missing(): boolean {
    return this.versions.size === 0;
  }

  /** Returns the schema errors of an object in its oldest and its newest supported version. */
  problem(manifest: RenderedObject['manifest'], minor: number): string | undefined {
    const kind = `${manifest.apiVersion}/${manifest.kind}`;
    const custom = this.custom.get(kind);
    if (custom) return problemIn(custom.properties?.spec ?? {}, manifest.spec, `${manifest.kind}.spec`, {});
    const known = [...this.versions.keys()].filter((version) => version >= minor);
    for (const version of new Set([Math.min(...known), Math.max(...known)])) {
      const { byKind, definitions } = this.versions.get(version) ?? {};
      const schema = byKind?.get(kind);
      if (!byKind || !definitions) continue;
      const problem = schema ? problemIn(schema, manifest, manifest.kind, definitions) : 'no such kind';
      if (problem) return `Kubernetes 1.${version}: ${problem}`;
    }
    return undefined;
  }
}

function kindsOf(file: string): { byKind: Map<string, Schema>; definitions: Definitions } {
  const { definitions } = JSON.parse(readFileSync(file, 'utf8')) as { definitions: Definitions };
  const kinds = Object.values(definitions).flatMap((schema) =>
    (schema['x-kubernetes-group-version-kind'] ?? []).map(
      ({ group, version, kind }) => [`${group ? `${group}/` : ''}${version}/${kind}`, schema] as const,
    ),
  );
  return { byKind: new Map(kinds), definitions };
}

interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { name: string; schema?: { openAPIV3Schema: Schema } }[];
  };
}

/** The definitions from which imports/ is generated. */
function customResources(): ReadonlyMap<string, Schema> {
  const folder = 'imports/crds';
  const all = readdirSync(folder).flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((one) => one.toJS() as Definition | null),
  );
  return new Map(
    all.flatMap((one) =>
      (one?.spec.versions ?? []).flatMap(({ name, schema }) =>
        one && schema
          ? [[`${one.spec.group}/${name}/${one.spec.names.kind}`, schema.openAPIV3Schema] as const]
          : [],
      ),
    ),
  );
}

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};

/** Returns the first schema error, including unknown fields, as with `kubectl --validate=strict`. */
function problemIn(schema: Schema, value: unknown, path: string, all: Definitions): string | undefined {
  if (schema.$ref) {
    const target = all[schema.$ref.replace('#/definitions/', '')];
    return target && problemIn(target, value, path, all);
  }
  if (schema.oneOf && !schema.type) {
    const tries = schema.oneOf.map((one) => problemIn(one, value, path, all));
    return tries.includes(undefined) ? undefined : tries[0];
  }
  const type = typeOf(value);
  if (!isTaken(schema, type)) return `${path} is ${type}, not ${schema.type ?? 'a number or a text'}`;
  if (schema.enum && !schema.enum.includes(value)) return `${path} is ${JSON.stringify(value)}`;
  if (typeof value === 'string') return textProblem(schema, value, path);
  if (typeof value === 'number') return numberProblem(schema, value, path);
  if (Array.isArray(value)) return listProblem(schema, value, path, all);
  return type === 'object' ? objectProblem(schema, Object(value), path, all) : undefined;
}

function isTaken(schema: Schema, type: string): boolean {
  if (schema['x-kubernetes-int-or-string']) return type === 'integer' || type === 'string';
  return (
    schema.type === undefined || schema.type === type || (schema.type === 'number' && type === 'integer')
  );
}

function numberProblem({ minimum = -Infinity, maximum = Infinity }: Schema, value: number, path: string) {
  return value < minimum || value > maximum ? `${path} is ${value}` : undefined;
}

function textProblem({ pattern, minLength = 0, maxLength = Infinity }: Schema, text: string, path: string) {
  if (text.length < minLength || text.length > maxLength) return `${path} has ${text.length} characters`;
  return pattern && !new RegExp(pattern).test(text) ? `${path} is ${JSON.stringify(text)}` : undefined;
}

function listProblem(schema: Schema, list: readonly unknown[], path: string, all: Definitions) {
  const { items, minItems = 0, maxItems = Infinity } = schema;
  if (list.length < minItems || list.length > maxItems) return `${path} has ${list.length} members`;
  return items && firstOf(list.entries(), ([at, one]) => problemIn(items, one, `${path}[${at}]`, all));
}

function objectProblem(schema: Schema, object: object, path: string, all: Definitions): string | undefined {
  const missing = schema.required?.find((name) => !(name in object));
  if (missing) return `${path}.${missing} is missing`;
  return firstOf(Object.entries(object), ([name, held]) => {
    const { properties, additionalProperties: others } = schema;
    const own = properties?.[name] ?? (typeof others === 'object' ? others : undefined);
    if (own) return problemIn(own, held, `${path}.${name}`, all);
    const isOpen = !properties || others === true || schema['x-kubernetes-preserve-unknown-fields'];
    return isOpen ? undefined : `${path}.${name} is unknown`;
  });
}

function firstOf<T>(all: Iterable<T>, problem: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const found = problem(one);
    if (found) return found;
  }
  return undefined;
}

import Module from 'node:module';
import { relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { build } from 'esbuild';
import { Node, type Project, SyntaxKind } from 'ts-morph';
import type { Resources } from '../../lib';
import bundleOptions from '../bundle-options.cjs';
import { type Property, propertiesOf } from './sources';

/** Default of an option in its option table: a fixed value, or a function that derives the value. */
interface Entry {
  readonly default?: unknown;
  readonly derive?: unknown;
}

/** The entries of an option table by option. */
type Values = Readonly<Record<string, Entry>>;

/** Name and file of an option table, and the properties of the options type. */
export interface Table {
  readonly name: string;
  readonly file: string;
  readonly properties: readonly Property[];
}

/**
 * Compares the defaults in doc comments to the defaults in option tables. Returns one sentence for each difference, or
 * an empty list. If a default in a comment starts with a dash, it is prose, and only resources and simple values are
 * compared.
 */
export function findWrongDefaults(
  tables: readonly Table[],
  values: readonly (Values | undefined)[],
): readonly string[] {
  return tables.flatMap(({ name, properties }, index) => {
    const table = values[index];
    if (!table && properties.some(({ isOptional }) => isOptional))
      return [`${name} is not exported, so its defaults cannot be compared to the comments: export ${name}`];
    return properties.flatMap((property) => {
      const problem = defaultProblem(property, table?.[property.name] ?? {});
      return problem ? [`${name}.${property.name} ${problem}`] : [];
    });
  });
}

/** Finds option tables: constants with `satisfies OptionTable<Props>`. */
export function findOptionTables(project: Project): readonly Table[] {
  return project
    .getSourceFiles()
    .flatMap((file) => file.getDescendantsOfKind(SyntaxKind.SatisfiesExpression))
    .flatMap((expression) => {
      const type = expression.getTypeNode();
      const owner = expression.getParent();
      if (!Node.isTypeReference(type) || type.getTypeName().getText() !== 'OptionTable') return [];
      if (!Node.isVariableDeclaration(owner)) return [];
      const [props] = type.getTypeArguments();
      const file = expression.getSourceFile().getFilePath();
      return [{ name: owner.getName(), file, properties: props ? propertiesOf(props.getType()) : [] }];
    });
}

/**
 * Returns the entries of option tables, by bundling and running the files of the tables. Returns `undefined` for a
 * table that its file does not export.
 */
export async function loadTableEntries(tables: readonly Table[]): Promise<readonly (Values | undefined)[]> {
  const members = tables.map(({ name, file }) => `require('./${relative(process.cwd(), file)}').${name}`);
  const { outputFiles = [] } = await build({
    ...bundleOptions,
    stdin: { contents: `module.exports = [${members.join(',\n')}];`, resolveDir: process.cwd() },
    write: false,
  });
  const loaded = new Module(`${process.cwd()}/tables.cjs`);
  Object.assign(loaded, { filename: loaded.id, paths: require.main?.paths });
  Reflect.apply(Reflect.get(loaded, '_compile'), loaded, [outputFiles[0]?.text, loaded.id]);
  return loaded.exports;
}

function defaultProblem({ isOptional, comment }: Property, entry: Entry): string | undefined {
  const said = comment.defaultValue;
  if (!isOptional) return said && `is required, but its comment has the default ${said}: remove @default`;
  if (said === undefined) return 'is optional, but its comment has no default: add @default';
  const [, literal] = /^(".*?"|-?[\d_.]+|true|false|\[.*?\])(?: - .*)?$/.exec(said) ?? [];
  const counts = JSON.stringify(entry.default);
  if (literal !== undefined) {
    if ('derive' in entry)
      return `is derived, but its comment has the default ${literal}: describe the default after "@default - "`;
    return isDeepStrictEqual(JSON.parse(literal), entry.default)
      ? undefined
      : `has the default ${counts}, but its comment has the default ${literal}`;
  }
  if (isResources(entry.default))
    return said.includes(formatResources(entry.default))
      ? undefined
      : `has the default "${formatResources(entry.default)}", but its comment has the default "${said}"`;
  return ['string', 'number', 'boolean'].includes(typeof entry.default)
    ? `has the default ${counts}, but its comment has the default "${said}"`
    : undefined;
}

const isResources = (value: unknown): value is Resources =>
  typeof value === 'object' && value !== null && 'cpu' in value && 'memory' in value;

const formatResources = ({ cpu, memory, memoryLimit }: Resources): string =>
  `requests: ${cpu} CPU, ${memory} memory${memoryLimit ? `; limit: ${memoryLimit} memory` : ''}`;

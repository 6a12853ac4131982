import Module from 'node:module';
import { relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { build } from 'esbuild';
import { Node, type Project, SyntaxKind } from 'ts-morph';
import type { Resources } from '../../lib';
import bundleOptions from '../bundle-options.cjs';
import { type Property, propertiesOf } from './sources';

/** An option in its table. */
interface Entry {
  readonly default?: unknown;
  readonly derive?: unknown;
}

/** A table of options at run time. */
type Values = Readonly<Record<string, Entry>>;

/** A table of options, and the type of the options. */
export interface Table {
  readonly name: string;
  readonly file: string;
  readonly properties: readonly Property[];
}

/**
 * Returns contradictions between defaults in doc comments and in option tables, as one sentence per option. A default
 * that starts with a dash is prose, of which only resources are compared.
 */
export function findWrongDefaults(
  tables: readonly Table[],
  values: readonly (Values | undefined)[],
): readonly string[] {
  return tables.flatMap(({ name, properties }, index) => {
    const table = values[index];
    if (!table && properties.some(({ isOptional }) => isOptional))
      return [`${name} is not exported, so that nothing compares its defaults: export it`];
    return properties.flatMap((property) => {
      const problem = defaultProblem(property, table?.[property.name] ?? {});
      return problem ? [`${name}.${property.name} ${problem}`] : [];
    });
  });
}

/** Returns constants with `satisfies OptionTable<Props>`. */
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

/** Returns the values of tables by bundling and running their files. */
export async function loadValues(tables: readonly Table[]): Promise<readonly (Values | undefined)[]> {
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
  if (!isOptional) return said && `must be given, and its comment has a default: ${said}`;
  if (said === undefined) return 'may be left out, and its comment does not say what counts then: @default';
  const [, literal] = /^(".*?"|-?[\d_.]+|true|false|\[.*?\])(?: - .*)?$/.exec(said) ?? [];
  const counts = JSON.stringify(entry.default);
  if (literal !== undefined) {
    if ('derive' in entry) return `is ${literal} by its comment, and is derived`;
    return isDeepStrictEqual(JSON.parse(literal), entry.default)
      ? undefined
      : `is ${literal} by its comment, and ${counts} by its table`;
  }
  if (isResources(entry.default))
    return said.includes(resourcesText(entry.default))
      ? undefined
      : `is ${resourcesText(entry.default)}, and its comment says: ${said}`;
  return ['string', 'number', 'boolean'].includes(typeof entry.default)
    ? `is ${counts}, and its comment does not say so: ${said}`
    : undefined;
}

const isResources = (value: unknown): value is Resources =>
  typeof value === 'object' && value !== null && 'cpu' in value && 'memory' in value;

const resourcesText = ({ cpu, memory, memoryLimit }: Resources): string =>
  `requests: ${cpu} CPU, ${memory} memory${memoryLimit ? `; limit: ${memoryLimit} memory` : ''}`;
